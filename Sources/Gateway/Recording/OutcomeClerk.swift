import Contracts
import Ledgers
import Metrics
import Primitives

/// Looks at one reported outcome: whether the prediction is ours, and whether its value is one. Stores nothing.
struct OutcomeClerk {
    let rules: OutcomeRules

    /// What becomes of an outcome.
    enum Decision {
        /// To be stored.
        case entry(OutcomeEntry)
        /// Refused, and why.
        case refused(Refused)
    }

    /// Why an outcome is not stored.
    enum Refused: String {
        case forged
        case unknownName = "unknown-name"
        case badValue = "bad-value"
        /// The token is for another route.
        case forbidden

        /// The word under which it is counted.
        var counted: Metrics.OutcomeAnswer {
            switch self {
            case .forged, .forbidden: .forged
            case .unknownName: .unknownName
            case .badValue: .badValue
            }
        }
    }

    /// Decides on one item of a job's body.
    func decide(_ item: OutcomeItem, of job: OutcomeJob) -> (route: String, name: String, decision: Decision) {
        let name = String(decoding: item.name, as: UTF8.self)
        guard case .success(let id) = PredictionID.verify(UnsafeRawBufferPointer(item.prediction).bytes, keys: rules.keys.span) else {
            return ("", name, .refused(.forged))
        }
        if let only = job.route, only != id.route { return ("", name, .refused(.forbidden)) }
        guard let route = rules.routes[id.route.value] else { return ("", name, .refused(.unknownName)) }
        return (route.route, name, decide(item, of: job, id: id, name: name, route: route))
    }

    private func decide(_ item: OutcomeItem, of job: OutcomeJob, id: PredictionID, name: String, route: RouteOutcomes) -> Decision {
        // An id from before the route declared outcomes has no exposure that counts.
        guard route.current.contains(name), let declaration = route.declaration(of: id),
            let rule = declaration.outcomes.first(where: { $0.name == name }), let assigned = route.variants[id.assigned.value],
            let served = route.variants[id.served.value]
        else { return .refused(.unknownName) }
        guard let value = Value(item.value, rule: rule, label: Int(id.label), labels: rule.classes(of: served)) else { return .refused(.badValue) }
        return .entry(
            OutcomeEntry(
                id: id, route: route.route, assigned: assigned, served: served, name: name, declaration: declaration.number,
                windowMilliseconds: rule.windowMilliseconds, value: value.raw, counted: value.counted, truth: value.truth,
                truthIndex: value.truthIndex, at: item.at.map { Timestamp(milliseconds: $0) },
                receivedAt: Timestamp(milliseconds: Int64(job.arrived)), replaces: item.isReplacement, author: job.author))
    }

    /// A value that fits its outcome, in millionths.
    private struct Value {
        var raw: Int64
        var counted: Int64
        var truth: String?
        var truthIndex: Int?

        private static let one: Int64 = 1_000_000

        init?(_ value: OutcomeValue, rule: OutcomeRule, label: Int, labels: [String]) {
            switch rule.kind {
            case .rate:
                guard let fixed = value.fixed, fixed == 0 || fixed == Self.one else { return nil }
                (raw, counted) = (fixed, fixed)
            case .mean:
                guard case .number(_, let number) = value, let fixed = number else { return nil }
                let cap = rule.cap ?? .max
                (raw, counted) = (fixed, min(max(fixed, -cap), cap))
            case .label:
                guard case .text(let text) = value else { return nil }
                let name = String(decoding: text, as: UTF8.self)
                guard let index = labels.firstIndex(of: name), label != Int(PredictionID.noLabel) else { return nil }
                let agrees = index == label ? Self.one : 0
                (raw, counted, truth, truthIndex) = (agrees, agrees, name, index)
            }
        }
    }
}
