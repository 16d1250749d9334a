import Foundation
import Ledgers
import Metrics
import Testing

@testable import Gateway

@Suite("what the counters say about a shadow that goes live") struct PromotionTests {
    static let digest = "0badcafe" + String(repeating: "0", count: 56)

    static func shadow(_ name: String = "candidate", limit: Double = 1, sha256: String = digest) -> ShadowDeclaration {
        ShadowDeclaration(name: name, sha256: sha256, percent: 100, limit: limit, tolerance: 0.01)
    }

    /// Counters of pairs of a shadow beside these primaries: how many, and how many of them diverged.
    static func cells(
        _ pairs: [(primary: String, revision: UInt32, compared: Int, diverged: Int)], route: String = "trees", shadow: String = "candidate",
        sha256: String = digest
    ) throws -> CellRegistry {
        let registry = CellRegistry(reactors: 1)
        for (primary, revision, compared, diverged) in pairs {
            let shape = ShadowShape(shadow: sha256, primary: String(repeating: "a", count: 64), name: primary, outputs: 2, classes: 2)
            let cells = try #require(registry.shadow(ShadowKey(route: route, shadow: shadow, revision: revision, shape: shape)))
            for number in 0..<compared {
                cells.copies(reactor: 0).sampled()
                let label = number < diverged ? 1 : 0
                let pair = AnswerPair(
                    primaryLabel: 0, shadowLabel: label, primary: [0.75, 0.25], shadow: [label == 0 ? 0.75 : 0.25, 0.25])
                _ = cells.pairs.compare(pair, primaryTime: 0, shadowTime: 0, tolerance: 0.01)
            }
        }
        return registry
    }

    private func records(_ registries: CellRegistry...) -> [ShadowRecord] {
        var sums = BlockSums()
        for registry in registries { for record in registry.records() { sums.add(record) } }
        return sums.shadows()
    }

    @Test("pairs are added up over primaries and revisions; other models and other shadows count for nothing")
    func sums() throws {
        let records = records(
            try Self.cells([("old", 1, 60, 1), ("new", 1, 30, 0), ("old", 2, 10, 1)]),
            try Self.cells([("old", 2, 50, 50)], sha256: "00c0ffee" + String(repeating: "0", count: 56)),
            try Self.cells([("old", 2, 50, 50)], shadow: "another"))
        let promotion = Promotion(of: Self.shadow(), records)
        #expect(promotion.compared == 100 && promotion.diverged == 2 && promotion.divergence == 0.02)
    }

    @Test(
        "a model that was never compared does not go live, nor one that diverges beyond its limit; exactly at the limit it does",
        arguments: [
            (0, 0, 100, .neverCompared), (1, 0, 0, nil), (100, 1, 1, nil), (101, 1, 1, nil), (100, 2, 1, .diverges), (99, 1, 1, .diverges),
            (100, 100, 100, nil), (1, 1, 0, .diverges),
        ] as [(Int, Int, Double, Promotion.Obstacle?)])
    func rule(compared: Int, diverged: Int, limit: Double, obstacle: Promotion.Obstacle?) throws {
        let records = records(try Self.cells([("old", 1, compared, diverged)]))
        #expect(Promotion(of: Self.shadow(limit: limit), records).obstacle == obstacle)
    }

    @Test("what stands against it is said with the numbers")
    func words() throws {
        let none = Promotion(of: Self.shadow(), [])
        #expect(none.objection(.neverCompared) == "its model 0badcafe0000… was never compared, so nobody knows what it answers")
        let promotion = Promotion(of: Self.shadow(limit: 0.5), records(try Self.cells([("old", 1, 300, 2)])))
        #expect(promotion.objection(.diverges) == "it diverged in 2 of 300 pairs, 0.6667 %, and its limit is 0.5 %")
        let answer = try Rig.json(Array(try JSONEncoder().encode(PromotionAnswer(promotion))))
        #expect(answer["compared"] as? Int == 300 && answer["diverged"] as? Int == 2 && answer["limit_percent"] as? Double == 0.5)
        #expect(answer["obstacle"] as? String == "diverges" && answer["sha256"] as? String == Self.digest)
        #expect(try Rig.json(Array(try JSONEncoder().encode(PromotionAnswer(none))))["divergence"] == nil)
    }

    @Test("it is made of the files of counters and the ledger, and knows the shadows that the file lists")
    func source() throws {
        let rig = try ReportRig()
        try rig.ledger.declareShadows(route: ReportRig.route, [Self.shadow("other"), Self.shadow()])
        try rig.ledger.foldCells(try Self.cells([("old", 1, 4, 1)]).records().map { CellFold($0, worker: 1) })
        let source = try ReportSource(rig.ledger, route: ReportRig.route, now: ReportRig.now)
        let promotion = try Promotion(of: "candidate", in: source)
        #expect(promotion.compared == 4 && promotion.diverged == 1 && promotion.declaration == Self.shadow())
        #expect(throws: LedgerError.unknownShadow(route: "trees", shadow: "old", known: ["other", "candidate"])) {
            try Promotion(of: "old", in: source)
        }
    }
}
