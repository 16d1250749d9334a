import Primitives

/// The keys `outcomes`, `log` and `slow`.
extension RouteDecoder {
    private enum Better: String, CaseIterable {
        case higher, lower
    }

    private enum Absence: String, CaseIterable {
        case zero, unknown
    }

    mutating func outcomes(_ entry: Entry) -> [OutcomeEntry]? {
        guard let entries = self.entries(entry) else { return nil }
        if entries.isEmpty {
            remarks.add(entry, "names no outcome; write one, such as `correct: { kind: rate, window: 30s }`, or leave the key out")
        }
        if entries.count > Limits.outcomes {
            remarks.add(entry, "names \(entries.count) outcomes; at most \(Limits.outcomes) are allowed")
        }
        return entries.compactMap { outcome($0, $1) }
    }

    private mutating func outcome(_ name: String, _ entry: Entry) -> OutcomeEntry? {
        guard remarks.isName(name, entry.line, entry.key) else { return nil }
        if name.contains(".") {
            remarks.add(
                entry, "`\(name)` has a dot, which sets figures made from an outcome apart, such as `category.log_loss`; use `_` or `-`")
        }
        guard let keys = mapping(entry, known: RouteKeys.outcome) else { return nil }
        let kind: OutcomeKind? = keys["kind"].flatMap { remarks.choice($0) }
        if keys["kind"] == nil {
            remarks.add(entry, "has no `kind`; it is one of \(Spelling.choices(OutcomeKind.allCases.map(\.rawValue)))")
        }
        let window = keys["window"].flatMap { duration($0, in: Limits.window) }
        if keys["window"] == nil { remarks.add(entry, "has no `window`; say how long after a prediction it counts, such as `window: 30s`") }
        let better: Better? = keys["better"].flatMap { remarks.choice($0) }
        let absence: Absence? = keys["absence"].flatMap { remarks.choice($0) }
        guard let kind else { return nil }
        if kind == .label { refuseMisplaced(keys, better, absence) }
        return OutcomeEntry(
            name: name, line: entry.line, kind: kind, isHigherBetter: better != .lower, window: window ?? Limits.window.lowerBound,
            isZeroWhenAbsent: absence == .zero, cap: cap(keys["cap"], of: kind, entry))
    }

    /// What contradicts a `label`, whose figure is the accuracy.
    private mutating func refuseMisplaced(_ keys: [String: Entry], _ better: Better?, _ absence: Absence?) {
        if better == .lower, let entry = keys["better"] {
            remarks.add(entry, "is `lower`; of a `label` the accuracy is compared, and more of it is better")
        }
        if absence == .zero, let entry = keys["absence"] {
            remarks.add(entry, "is `zero`; a `label` that did not come is not a wrong one, so it is `unknown`")
        }
    }

    /// A mean's cap, which it must have: one wild value would move the mean of everything else.
    private mutating func cap(_ entry: Entry?, of kind: OutcomeKind, _ outcome: Entry) -> Double? {
        guard let entry else {
            if kind == .mean { remarks.add(outcome, "has no `cap`, which a `mean` needs; values beyond it, either way, count as it") }
            return nil
        }
        guard kind == .mean else {
            remarks.add(entry, "is for `mean`; this outcome is `\(kind.rawValue)`")
            return nil
        }
        guard let cap = remarks.number(entry) else { return nil }
        guard Limits.cap.contains(cap) else {
            remarks.add(entry, "is \(Spelling.shown(cap)); allowed are 0.000001 to \(Spelling.shown(Limits.cap.upperBound))")
            return nil
        }
        return cap
    }

    mutating func logPercent(_ entry: Entry) -> Double? {
        guard let keys = mapping(entry, known: RouteKeys.log) else { return nil }
        guard let percent = keys["percent"] else {
            remarks.add(entry, "has no `percent`; give the share of predictions to log, such as `log: { percent: 1 }`")
            return nil
        }
        return share(percent)
    }

    /// A share in percent, of which 0 is none.
    mutating func share(_ entry: Entry) -> Double? {
        guard let percent = remarks.number(entry) else { return nil }
        guard Limits.percent.contains(percent) else {
            remarks.add(entry, "is \(Spelling.shown(percent)); allowed are 0 to 100")
            return nil
        }
        return percent
    }

    mutating func slow(_ entry: Entry, deadline: Nanoseconds) -> Nanoseconds? {
        guard let slow = duration(entry, in: Limits.slow) else { return nil }
        if slow > deadline {
            let shown = Quantity.shown(duration: deadline)
            remarks.add(entry, "is \(Quantity.shown(duration: slow)), above `deadline`, which is \(shown): no answer would be slow")
        }
        return slow
    }
}
