import Primitives

@testable import Ledgers

/// A route with a rate, a mean and a label, in a ledger of its own.
struct OutcomeRig {
    static let route = "video-category"
    static let rules = [
        OutcomeRule(name: "correct", kind: .rate, windowMilliseconds: 30_000),
        OutcomeRule(name: "minutes", kind: .mean, windowMilliseconds: 64_000, cap: 500_000_000, absence: .zero),
        OutcomeRule(name: "category", kind: .label, windowMilliseconds: 30_000),
    ]

    let test: TestFolder
    let ledger: Ledger
    let declaration: UInt32

    init() throws {
        test = try TestFolder()
        ledger = try test.open()
        declaration = try ledger.declare(route: Self.route, outcomes: Self.rules, sliceMilliseconds: 1_000, now: .noon)
    }

    /// The prediction with a number, `after` milliseconds after noon.
    static func id(
        _ sequence: UInt64, after: Int64 = 0, revision: UInt32 = 1, reason: ServedReason = .assigned, flags: UInt8 = 0,
        unit: UInt64? = nil
    ) -> PredictionID {
        PredictionID(
            route: NameHash(value: 1), assigned: NameHash(value: 2), served: NameHash(value: 2), revision: revision,
            reason: reason, flags: PredictionID.Flags(rawValue: flags), label: 0, time: UInt64(Timestamp.noon.milliseconds + after),
            unit: unit ?? sequence &* 0x9E37_79B9_7F4A_7C15, nonce: 0x0123_4567_89AB_CDEF, reactor: 1, sequence: sequence)
    }

    /// An outcome that arrives `late` milliseconds after its prediction.
    func entry(
        _ id: PredictionID, _ name: String = "correct", value: Int64 = 1_000_000, counted: Int64? = nil, variant: String = "champion",
        truth: String? = nil, truthIndex: Int? = nil, later: Int64 = 100, replaces: Bool = false, author: String = "shop"
    ) -> OutcomeEntry {
        let window = Self.rules.first { $0.name == name }?.windowMilliseconds ?? 0
        return OutcomeEntry(
            id: id, route: Self.route, assigned: variant, served: variant, name: name, declaration: declaration, windowMilliseconds: window,
            value: value, counted: counted, truth: truth, truthIndex: truthIndex,
            receivedAt: Timestamp(milliseconds: Int64(id.time) + later), replaces: replaces, author: author)
    }

    /// Records and gives what became of them.
    func record(_ entries: OutcomeEntry...) throws -> [OutcomeResult] {
        try ledger.record(entries, now: .noon)
    }

    /// Folds until nothing is left.
    func foldAll(asOf: Timestamp = .noon, limit: Int = 10_000) throws {
        while try !ledger.foldOutcomes(asOf: asOf, limit: limit).isComplete {}
    }

    /// The stored sums of an outcome, all variants, revisions and slices together.
    func sums(_ outcome: String) throws -> OutcomeSums {
        try ledger.outcomeSums(route: Self.route).filter { $0.key.outcome == outcome }.values.reduce(into: OutcomeSums()) { $0.add($1) }
    }
}
