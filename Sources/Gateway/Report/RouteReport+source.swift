import Foundation
package import Ledgers
import Metrics
import Primitives

extension RouteReport {
    /// Puts what was read into figures.
    ///
    /// - Parameters:
    ///   - serving: what the running server says of the route; nil when none does.
    ///   - now: when it was read.
    package init(_ source: ReportSource, serving: RouteServing? = nil, now: Timestamp) {
        let revisions = source.records.revisions
        // The ledger knows no route without a revision.
        let inForce = revisions[0]
        let counts = ExposureCounts(source.variants)
        route = inForce.route
        asOf = now.description
        outcomesAsOf = source.records.outcomes.asOf?.description
        revision = Revision(number: inForce.number, at: inForce.at.description, author: inForce.author, reason: inForce.reason)
        exposures = counts.overall
        self.revisions = revisions.filter { $0.number == inForce.number || counts[$0.number] > 0 }.map { RevisionFigures($0, counts) }
        refusedBeforeAssignment = Self.byCode(source.answers)
        let outcomes = DeclaredOutcomes(source)
        let answered = source.variants.reduce(0) { $0 &+ $1.served }
        let before = Set(source.variants.map(\.variant) + outcomes.variants).subtracting(inForce.weights.map(\.name)).sorted()
        variants = (inForce.weights.map(\.name) + before).map { name in
            VariantFigures(name, source.variants.filter { $0.variant == name }, revisions, counts, answered, outcomes.figures(of: name))
        }
        faults = source.records.faults.map { FaultAnswer($0) }
        held = source.records.held.map(HeldAnswer.init)
        self.serving = serving
        let names = Set(revisions.flatMap { $0.weights.map(\.name) })
        shadows = ShadowFigures.all(source.shadows, primaries: names) { serving?.labels(of: $0) }
        for index in shadows.indices {
            let shadow = shadows[index]
            let own = source.records.examples.filter { $0.shadow == shadow.name && $0.sha256.hasPrefix(shadow.model) }
            shadows[index].examples = own.map { ExampleAnswer($0) }
        }
        notes = ReportNotes(source, outcomes, shadows, now: now).sentences
    }

    private static func byCode(_ answers: [UInt64]) -> [String: UInt64] {
        let counted = zip(StatusCode.allCases, answers).filter { $1 > 0 }
        return Dictionary(uniqueKeysWithValues: counted.map { ($0.label, $1) })
    }
}

/// Exposures in requests, by revision and variant.
struct ExposureCounts {
    private var counts: [UInt32: [String: UInt64]] = [:]

    init(_ records: [VariantRecord]) {
        for record in records where record.requests > 0 {
            counts[record.revision, default: [:]][record.variant, default: 0] &+= record.requests
        }
    }

    var overall: UInt64 { counts.keys.reduce(0) { $0 &+ self[$1] } }

    subscript(revision: UInt32) -> UInt64 { counts[revision]?.values.reduce(0, &+) ?? 0 }

    subscript(revision: UInt32, variant: String) -> UInt64 { counts[revision]?[variant] ?? 0 }

    /// Of all revisions.
    subscript(variant: String) -> UInt64 { counts.values.reduce(0) { $0 &+ ($1[variant] ?? 0) } }

    /// The exposures that a variant would have if each revision's were divided by its weights to the letter. Those under a revision that the
    /// ledger does not have count as they are.
    func expected(_ variant: String, _ revisions: [RevisionEntry]) -> Double {
        counts.keys.sorted().reduce(0) { sum, number in
            guard let entry = revisions.first(where: { $0.number == number }) else { return sum + Double(self[number, variant]) }
            return sum + Double(self[number]) * (entry.weights.share(of: variant) ?? 0)
        }
    }
}

extension VariantRecord {
    /// Requests that were assigned to it.
    var requests: UInt64 { exposures.reduce(0, &+) }

    /// Requests that it answered, without overrides.
    var served: UInt64 {
        ServedReason.allCases.filter { $0 != .override }.reduce(0) { $0 &+ answersByReason[Int($1.rawValue)].reduce(0, &+) }
    }
}

extension RouteReport.RevisionFigures {
    init(_ entry: RevisionEntry, _ counts: ExposureCounts) {
        let overall = counts[entry.number]
        self.init(
            number: entry.number, at: entry.at.description, author: entry.author, reason: entry.reason, exposures: overall,
            variants: entry.weights.map { weight in
                let own = counts[entry.number, weight.name]
                return Part(
                    name: weight.name, weight: weight.weight, share: entry.weights.share(of: weight.name) ?? 0, exposures: own,
                    observedShare: own.part(of: overall))
            })
    }
}

extension VariantFigures {
    /// - Parameters:
    ///   - records: the variant's, of all revisions and shapes.
    ///   - answered: requests that any variant answered, without overrides.
    init(
        _ name: String, _ records: [VariantRecord], _ revisions: [RevisionEntry], _ counts: ExposureCounts, _ answered: UInt64,
        _ outcomes: [OutcomeFigures]
    ) {
        let weights = revisions[0].weights
        let expected = counts.expected(name, revisions)
        self.name = name
        weight = weights.first { $0.name == name }?.weight ?? 0
        share = weights.share(of: name) ?? 0
        expectedExposures = expected
        expectedShare = counts.overall > 0 ? expected / Double(counts.overall) : nil
        exposures = counts[name]
        observedShare = counts[name].part(of: counts.overall)
        classes = Classes(records)
        rows = records.reduce(0) { $0 &+ $1.exposedRows }
        let byReason = ServedReason.allCases.map { reason in
            (reason, records.reduce(0) { $0 &+ $1.answersByReason[Int(reason.rawValue)].reduce(0, &+) })
        }
        served = Dictionary(uniqueKeysWithValues: byReason.filter { $0.0 != .override && $0.1 > 0 }.map { ("\($0.0.name)", $0.1) })
        servedShare = records.reduce(0) { $0 &+ $1.served }.part(of: answered)
        overrides = byReason.first { $0.0 == .override }?.1 ?? 0
        latency = Timing(records.map(\.latency))
        queue = Timing(records.map(\.queue))
        model = Timing(records.map(\.model))
        events = Events.byKind(records)
        self.outcomes = outcomes
    }
}

extension VariantFigures.Classes {
    fileprivate init(_ records: [VariantRecord]) {
        func count(_ wanted: AnswerClass) -> UInt64 {
            StatusCode.allCases.filter { $0.answerClass == wanted }.reduce(0) { sum, code in
                records.reduce(sum) { $0 &+ $1.exposures[Int(code.rawValue)] }
            }
        }
        self.init(
            ok: count(.ok), callerFault: count(.callerFault), modelFailure: count(.modelFailure), timeout: count(.timeout),
            refused: count(.refused), cancelled: count(.cancelled))
    }
}

extension VariantFigures.Timing {
    init(_ histograms: [LatencyHistogram]) {
        let sum = histograms.reduce(into: LatencyHistogram()) { $0.merge($1) }
        func milliseconds(_ q: Double) -> Double? { sum.quantile(q).map { Double($0) / 1e6 } }
        let count = sum.count
        self.init(
            count: count, mean: count > 0 ? Double(sum.sum) / Double(count) / 1e6 : nil, p50: milliseconds(0.5), p90: milliseconds(0.9),
            p95: milliseconds(0.95), p99: milliseconds(0.99))
    }
}

extension VariantFigures.Events {
    fileprivate static func byKind(_ records: [VariantRecord]) -> [String: Self] {
        var events: [String: Self] = [:]
        for kind in EventKind.allCases {
            let place = Int(kind.rawValue)
            events[kind.name] = Self(
                count: records.reduce(0) { $0 &+ $1.events[place] }, first: records.reduce(0) { $0 &+ $1.firstEvents[place] })
        }
        return events
    }
}

extension EventKind {
    /// The name in a report.
    fileprivate var name: String {
        switch self {
        case .exposure: "exposure"
        case .error: "error"
        case .timeout: "timeout"
        case .slow: "slow"
        case .invalidOutput: "invalid_output"
        case .outcomeArrived: "outcome_arrived"
        }
    }
}

extension UInt64 {
    /// 0...1; nil of nothing.
    func part(of whole: UInt64) -> Double? { whole > 0 ? Double(self) / Double(whole) : nil }
}
