import Contracts
import Foundation
import Primitives
import Routing
import Testing

@testable import Gateway
@testable import Ledgers

/// A route of all three kinds of outcome, whose plan was declared three times, and the ids of its predictions.
struct OutcomeRig {
    static let key = Primitives.PredictionKey(id: 4, secret: SipHash.Key(low: 5, high: 6))
    static let older = Primitives.PredictionKey(id: 3, secret: SipHash.Key(low: 7, high: 8))
    static let noon: UInt64 = 1_795_348_800_000

    static let correct = OutcomeRule(name: "correct", kind: .rate, windowMilliseconds: 30_000)
    static let minutes = OutcomeRule(name: "minutes", kind: .mean, windowMilliseconds: 60_000, cap: 120_000_000, absence: .zero)
    static let free = OutcomeRule(name: "free", kind: .mean, windowMilliseconds: 60_000, cap: 9_000_000_000_000)
    static let category = OutcomeRule(
        name: "category", kind: .label, windowMilliseconds: 60_000, classes: ["": ["oak", "pine", "willow"], "challenger": ["willow", "oak"]])

    static func declaration(_ number: UInt32, _ rules: [OutcomeRule]) -> OutcomeDeclaration {
        OutcomeDeclaration(
            route: "trees", number: number, at: Timestamp(milliseconds: 0),
            sliceMilliseconds: OutcomeDeclaration.sliceMilliseconds(for: rules),
            outcomes: rules, mergedBefore: 0)
    }

    /// What declaration 10 says is in force; 9 had another window and one more outcome, 2 is of the same last three bits as 10.
    static func rules() -> OutcomeRules {
        var wider = correct
        wider.windowMilliseconds = 90_000
        let variants = ["champion", "challenger", "gone"]
        let trees = RouteOutcomes(
            route: "trees",
            declarations: [
                declaration(2, [wider]), declaration(9, [wider, .init(name: "old", kind: .rate, windowMilliseconds: 1_000)]),
                declaration(10, [correct, minutes, free, category]),
            ],
            current: ["correct", "minutes", "free", "category"],
            variants: Dictionary(uniqueKeysWithValues: variants.map { (NameHash(of: $0).value, $0) })
        )
        let silent = RouteOutcomes(route: "silent", declarations: [], current: [], variants: [:])
        return OutcomeRules(
            keys: [older, key], routes: [NameHash(of: "trees").value: trees, NameHash(of: "silent").value: silent])
    }

    static func id(
        _ sequence: UInt64 = 1, route: String = "trees", assigned: String = "champion", served: String = "champion",
        declaration: UInt32 = 10,
        label: UInt16 = 0, time: UInt64 = noon
    ) -> PredictionID {
        PredictionID(
            route: NameHash(of: route), assigned: NameHash(of: assigned), served: NameHash(of: served), revision: 7, reason: .assigned,
            flags: .declaration(declaration), label: label, time: time, unit: sequence &* 0x9E37_79B9_7F4A_7C15, nonce: 11, reactor: 1,
            sequence: sequence)
    }

    static func text(_ id: PredictionID, key: Primitives.PredictionKey = key) -> String {
        var bytes = [UInt8](repeating: 0, count: PredictionID.textCount)
        bytes.withUnsafeMutableBytes { room in
            var span = MutableRawSpan(_unsafeBytes: room)
            id.encode(into: &span, signedBy: key)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One outcome as a client sends it; `value` is JSON.
    static func item(_ prediction: String, _ name: String = "correct", _ value: String = "1", more: String = "") -> String {
        "{\"prediction\":\"\(prediction)\",\"name\":\"\(name)\",\"value\":\(value)\(more)}"
    }

    static func job(
        _ body: String, exchange: UInt = 1, reactor: Int = 0, isLines: Bool = false, route: String? = nil, arrived: UInt64 = noon + 1_000
    ) -> OutcomeJob {
        OutcomeJob(
            exchange: exchange, reactor: reactor, body: Array(body.utf8) + [UInt8](repeating: 0, count: OutcomeReader.padding),
            count: body.utf8.count,
            isLines: isLines, route: route.map { NameHash(of: $0) }, author: "shop", arrived: arrived)
    }
}
