/// Adds up answers, per variant and per kind of error. Bounded: see `Limits`.
struct ReplayTally {
    /// How one request ended.
    struct Ending {
        /// The HTTP status; nil if no answer came.
        var status: Int?
        /// As `x-weir-variant` says.
        var variant: String?
        /// The row's own label.
        var truth: String?
        /// Why no answer came, in words that are the same each time; nil if one came.
        var failure: String?
        /// The answer's body, or why none came, in detail.
        var text: ArraySlice<UInt8>
        /// nil for a request that opened a connection: its handshake says nothing about the variant.
        var microseconds: Int?
    }

    private struct Part {
        var requests = 0
        var answered = 0
        var scored = 0
        var correct = 0
        var latency = LatencyTally()
    }

    private struct Kind: Hashable {
        var variant: String?
        var status: Int?
        /// The `failure` of the ending.
        var reason: String?
    }

    private static let other = "(other)"
    private var parts: [String?: Part] = [:]
    private var failures: [Kind: (count: Int, example: String)] = [:]
    private(set) var requests = 0
    private(set) var errors = 0

    /// Whether any server answered, with whatever status.
    private(set) var isAnswered = false

    /// Counts a request that is over. Returns the answer it read to do so: that of status 200 to a row with a label.
    @discardableResult mutating func add(_ ending: Ending) -> JSONObject? {
        var answer: JSONObject?
        let name = parts.count < Limits.variants || parts.keys.contains(ending.variant) ? ending.variant : Self.other
        var part = parts.removeValue(forKey: name) ?? Part()  // taken out, so that its buckets are changed in place
        part.requests += 1
        requests += 1
        isAnswered = isAnswered || ending.status != nil
        if ending.status == 200 {
            part.answered += 1
            if let microseconds = ending.microseconds { part.latency.add(microseconds: microseconds) }
            if let truth = ending.truth {
                answer = try? JSONObject(ending.text)
                if let label = answer?.text("label") {
                    part.scored += 1
                    part.correct += label == truth ? 1 : 0
                }
            }
        } else {
            errors += 1
            addFailure(ending, variant: name)
        }
        parts[name] = part
        return answer
    }

    private mutating func addFailure(_ ending: Ending, variant: String?) {
        let example = shortened(ending.text)
        var kind = Kind(variant: variant, status: ending.status, reason: ending.failure)
        if failures[kind] == nil, failures.count >= Limits.failureKinds { kind = Kind(reason: Self.other) }
        failures[kind, default: (0, example)].count += 1
    }

    /// The variants by name, those that answered nothing by name last.
    func variants() -> [ReplayReport.Variant] {
        let named = parts.reduce(0) { $0 + ($1.key == nil ? 0 : $1.value.requests) }
        return parts.sorted { ($0.key == nil ? 1 : 0, $0.key ?? "") < ($1.key == nil ? 1 : 0, $1.key ?? "") }.map { name, part in
            ReplayReport.Variant(
                name: name,
                requests: part.requests,
                share: name == nil ? nil : Double(part.requests) / Double(named),
                scored: part.scored,
                correct: part.correct,
                accuracy: part.scored == 0 ? nil : Double(part.correct) / Double(part.scored),
                latency: latency(part.latency),
                errors: part.requests - part.answered)
        }
    }

    /// The kinds of error, the most frequent first.
    func failureList() -> [ReplayReport.Failure] {
        failures.map { kind, seen in
            ReplayReport.Failure(variant: kind.variant, status: kind.status, count: seen.count, example: seen.example)
        }.sorted { (-$0.count, $0.status ?? 0, $0.variant ?? "", $0.example) < (-$1.count, $1.status ?? 0, $1.variant ?? "", $1.example) }
    }

    private func latency(_ tally: LatencyTally) -> ReplayReport.Latency? {
        guard let p50 = tally.quantile(0.5), let p90 = tally.quantile(0.9), let p99 = tally.quantile(0.99) else { return nil }
        return ReplayReport.Latency(p50: p50, p90: p90, p99: p99, longest: tally.longest)
    }
}

/// An error's answer as the report shows it: on one line, and not longer than `Limits` says.
func shortened(_ answer: ArraySlice<UInt8>) -> String {
    let text = String(decoding: answer.prefix(4 * Limits.exampleCharacters), as: UTF8.self)
    return String(text.map { $0.isNewline ? " " : $0 }.prefix(Limits.exampleCharacters))
}
