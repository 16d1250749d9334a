extension Rules {
    /// What a route declares: names without dots, each once; windows and caps within bounds; a cap for means and for nothing else.
    static func check(outcomes: [OutcomeRule]) throws(LedgerError) {
        guard outcomes.count <= Limits.outcomesPerRoute else {
            throw .invalid(key: "outcomes", reason: "\(outcomes.count) of them; at most \(Limits.outcomesPerRoute)")
        }
        var seen: Set<String> = []
        for rule in outcomes {
            try check(name: rule.name, key: "outcome")
            guard !rule.name.contains(".") else {
                throw .invalid(key: "outcome", reason: "'\(rule.name)' has a dot, which is for names that are made of others")
            }
            guard seen.insert(rule.name).inserted else { throw .invalid(key: "outcomes", reason: "'\(rule.name)' is named twice") }
            guard Limits.outcomeWindow.contains(rule.windowMilliseconds) else {
                throw .invalid(key: rule.name, reason: "a window of \(rule.windowMilliseconds) ms; from 1 ms to 400 days")
            }
            let caps = 1...Limits.outcomeValue.upperBound
            guard rule.kind == .mean ? caps.contains(rule.cap ?? 0) : rule.cap == nil else {
                throw .invalid(key: rule.name, reason: "a mean has a cap above 0 and up to nine million, other kinds have none")
            }
        }
    }

    /// What arrived: values and text within bounds.
    static func check(_ entry: OutcomeEntry) throws(LedgerError) {
        guard Limits.outcomeValue.contains(entry.value), Limits.outcomeValue.contains(entry.counted) else {
            throw .invalid(key: "value", reason: "is more than nine million away from 0")
        }
        guard entry.truth?.utf8.count ?? 0 <= Limits.truthBytes else {
            throw .invalid(key: "value", reason: "is a text of more than \(Limits.truthBytes) bytes")
        }
    }
}
