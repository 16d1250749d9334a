import Ledgers
import Metrics
import Primitives
import Routing
import Testing

@testable import Gateway

@Suite("plans from files and ledger") struct PlanMakerTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let maker: PlanMaker

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1)
    }

    /// How many of a thousand units each variant gets, in the order of the file.
    private func shares(_ plan: Plan) -> [Int] {
        var counts = [Int](repeating: 0, count: plan.routes[0].variantCount)
        for unit in 0..<1_000 {
            let bytes = Array("unit-\(unit)".utf8)
            bytes.withUnsafeBytes { counts[plan.routes[0].split.pointee.choose(unit: $0.bytes)] += 1 }
        }
        return counts
    }

    private func lanes(_ plan: Plan) -> [UnsafePointer<UnsafeMutablePointer<ModelLane>>] {
        (0..<plan.routes[0].variantCount).map { plan.routes[0].variants[$0].lanes }
    }

    private func index(_ secret: TokenSecret, in plan: Plan) -> Int32 { plan.tokens.index(ofSecret: Array(secret.text.utf8), count: secret.text.utf8.count) }

    /// The complaints that a reload throws.
    private func complaints() -> [String] {
        do {
            _ = try maker.reload()
        } catch ServerError.routes(let complaints) {
            return complaints
        } catch {
            Issue.record("\(error)")
        }
        return []
    }

    @Test("the first reading makes revision 1 by the file, and its weights are those of the split")
    func first() throws {
        try folder.write(.pair())
        var told: [String] = []
        let plan = try maker.reload { told.append($0) }
        #expect(told == ["trees"] && plan.generation == 1 && plan.routeCount == 1 && plan.modelCount == 2)
        #expect(plan.routes[0].revision == 1)
        #expect(plan.route(path: Array("/v1/trees".utf8), count: 9) != nil)
        let entry = try ledger.newestRevision(route: "trees")
        #expect(entry.author == "file" && entry.number == 1)
        #expect(entry.weights == [NamedWeight("champion", 90), NamedWeight("challenger", 10)])
        let shares = shares(plan)
        #expect((850...950).contains(shares[0]) && shares[0] + shares[1] == 1_000)
        #expect(try maker.reload().routes[0].revision == 1)
    }

    @Test("a split by a person changes revision and weights, and not one lane")
    func split() throws {
        try folder.write(.pair())
        let before = try maker.reload()
        let weights = [NamedWeight("challenger", 1), NamedWeight("champion", 0)]
        _ = try ledger.newRevision(route: "trees", weights: weights, author: "ana", reason: "to see", now: .now)
        let after = try maker.refresh()
        #expect(after.generation == 2 && after.routes[0].revision == 2 && after.routes[0].revisionText.string == "2")
        #expect(shares(after) == [0, 1_000])
        #expect(shares(before)[0] > 0 && before.routes[0].revision == 1)
        #expect(lanes(after) == lanes(before))
        // Reading the same file again does not undo what a person did.
        #expect(shares(try maker.reload()) == [0, 1_000])
    }

    @Test("other weights in the file are a revision by the file, on the same lanes")
    func fileWeights() throws {
        var route = try RouteText.pair()
        try folder.write(route)
        let before = try maker.reload()
        route.variants[0].weight = 0
        try folder.write(route)
        let after = try maker.reload()
        #expect(after.routes[0].revision == 2 && shares(after) == [0, 1_000] && lanes(after) == lanes(before))
        #expect(try ledger.newestRevision(route: "trees").author == "file")
    }

    @Test("a bad file is told with its line; routes and ledger stay as they were, and a mended file is taken")
    func badFile() throws {
        var route = try RouteText.pair()
        try folder.write(route)
        let before = try maker.reload()
        route.variants[1].weight = -1
        try folder.write(route)
        let complaints = complaints()
        #expect(complaints.count == 1)
        #expect(complaints.first?.hasPrefix("\(folder.routes)/trees/route.yaml:\(route.line("challenger:")): variants.challenger.weight: ") == true)
        let plan = try maker.refresh()
        #expect(plan.generation == 2 && plan.routes[0].revision == 1 && lanes(plan) == lanes(before))
        route.variants[1].weight = 30
        try folder.write(route)
        #expect(try maker.reload().routes[0].revision == 2)
    }

    @Test("a salt that no split can take is told like any other mistake, and the routes stay")
    func longSalt() throws {
        var route = try RouteText.pair()
        try folder.write(route)
        _ = try maker.reload()
        route.more = ["salt: \(String(repeating: "s", count: 200))"]
        route.variants.removeLast()
        try folder.write(route)
        #expect(complaints().first?.contains("trees/route.yaml:1: salt: ") == true)
        #expect(try maker.refresh().routes[0].variantCount == 2)
        #expect(try ledger.newestRevision(route: "trees").number == 1)
    }

    @Test("routes come and go with their folders; without any there is no plan")
    func folders() throws {
        #expect(throws: ServerError.self) { try maker.reload() }
        var other = try RouteText.pair()
        other.name = "shrubs"
        try folder.write(.pair())
        try folder.write(other)
        #expect(try maker.reload().routeCount == 2)
        try folder.remove("trees")
        let plan = try maker.reload()
        #expect(plan.routeCount == 1 && plan.routes[0].name.string == "shrubs")
        try folder.remove("shrubs")
        #expect(throws: ServerError.self) { try maker.reload() }
        #expect(try maker.refresh().routeCount == 1)
    }

    @Test("a token is known from the next plan on, with what it may do, until it is revoked")
    func tokens() throws {
        try folder.write(.pair())
        let empty = try maker.reload()
        let expires = Timestamp.now.advanced(bySeconds: 3_600)
        let (_, narrow) = try ledger.createToken(name: "narrow", scopes: [.predict, .override], route: "trees", expires: expires, author: "ana", now: .now)
        let (_, wide) = try ledger.createToken(name: "wide", scopes: .view, route: nil, expires: nil, author: "ana", now: .now)
        let plan = try maker.refresh()
        #expect(index(narrow, in: empty) == -1 && index(wide, in: empty) == -1)
        let found = plan.tokens.entries[Int(index(narrow, in: plan))]
        #expect(found.scopes == [.predict, .override] && found.route == NameHash(of: "trees") && found.expires == UInt64(expires.milliseconds))
        let other = plan.tokens.entries[Int(index(wide, in: plan))]
        #expect(other.scopes == .view && other.route == nil && other.expires == .max)
        _ = try ledger.revokeToken("narrow", author: "ana", now: .now)
        let later = try maker.refresh()
        #expect(index(narrow, in: later) == -1 && index(wide, in: later) >= 0)
        #expect(index(narrow, in: plan) >= 0)
    }

    private func key(_ bytes: [UInt8]) throws -> SipHash.Key {
        let key = SipHash.Key(bytes: bytes.span.bytes)
        return try #require(key)
    }

    @Test("ids and units are signed and hashed by the ledger's keys, the same in every plan")
    func keys() throws {
        try folder.write(.pair())
        let (one, two) = (try maker.reload(), try maker.refresh())
        let snapshot = try ledger.snapshot(now: .now)
        let bytes = Array("unit".utf8)
        func hash(_ key: SipHash.Key) -> UInt64 { bytes.withUnsafeBytes { SipHash.hash64($0.bytes, key: key) } }
        let unitKey = try key(snapshot.unitKey)
        #expect(hash(one.unitKey) == hash(unitKey) && hash(two.unitKey) == hash(unitKey))
        let newest = try #require(snapshot.predictionKeys.max { $0.created < $1.created })
        let secret = try key(newest.bytes)
        #expect(one.predictionKey.id == newest.id && hash(one.predictionKey.secret) == hash(secret))
    }
}
