import Primitives
import Yams

/// The keys `breaker`, `retry`, `fallback` and `concurrency`: what a route does when a variant fails or too much comes at once.
extension RouteDecoder {
    /// Sets what the keys say in a route whose variants are read; the rest stays at its defaults.
    mutating func readProtection(_ keys: [String: Entry], into route: inout RouteFile) {
        if let breaker = keys["breaker"].flatMap({ self.breaker($0) }) { route.breaker = breaker }
        route.retry = keys["retry"].flatMap { self.retry($0) }
        route.fallback = keys["fallback"].flatMap { self.fallback($0, among: route.variants) }
        route.concurrency = keys["concurrency"].flatMap { self.concurrency($0) }
    }

    /// A mode alone, or a mapping of everything.
    private mutating func breaker(_ entry: Entry) -> BreakerEntry? {
        guard case .mapping = entry.node else {
            let mode: BreakerMode? = remarks.choice(entry)
            return mode.map { BreakerEntry(mode: $0) }
        }
        guard let keys = mapping(entry, known: RouteKeys.breaker) else { return nil }
        var breaker = BreakerEntry()
        if let mode: BreakerMode = keys["mode"].flatMap({ remarks.choice($0) }) { breaker.mode = mode }
        if let failures = keys["failures"].flatMap({ remarks.count($0, in: Limits.failuresInRow) }) { breaker.failures = failures }
        if let calls = keys["calls"].flatMap({ remarks.count($0, in: Limits.breakerCalls) }) { breaker.calls = calls }
        if let rate = keys["failure_rate"].flatMap({ percent($0) }) { breaker.failureRate = rate }
        if let rate = keys["slow_rate"].flatMap({ percent($0) }) { breaker.slowRate = rate }
        if let window = keys["window"].flatMap({ duration($0, in: Limits.breakerWindow) }) { breaker.window = window }
        if let successes = keys["successes"].flatMap({ remarks.count($0, in: Limits.probeSuccesses) }) { breaker.successes = successes }
        if let ramp = keys["ramp"].flatMap({ duration($0, in: Limits.breakerRamp) }) { breaker.ramp = ramp }
        readOpenTimes(keys, into: &breaker)
        return breaker
    }

    /// The first and the longest time open. A first one above the usual longest one raises that as well.
    private mutating func readOpenTimes(_ keys: [String: Entry], into breaker: inout BreakerEntry) {
        if let open = keys["open"].flatMap({ duration($0, in: Limits.breakerOpen) }) { breaker.open = open }
        breaker.openAtMost = max(breaker.openAtMost, breaker.open)
        guard let entry = keys["open_at_most"], let atMost = duration(entry, in: Limits.breakerOpenAtMost) else { return }
        if atMost < breaker.open {
            let shown = Quantity.shown(duration: breaker.open)
            remarks.add(entry, "is \(Quantity.shown(duration: atMost)), below `open`, which is \(shown)")
        }
        breaker.openAtMost = atMost
    }

    /// A share in percent, of which 0 makes no sense.
    private mutating func percent(_ entry: Entry) -> Double? {
        guard let percent = remarks.number(entry) else { return nil }
        guard percent > 0, Limits.percent.contains(percent) else {
            remarks.add(entry, "is \(Spelling.shown(percent)); a share in percent is above 0 and at most 100")
            return nil
        }
        return percent
    }

    /// `true`, `false` or a budget.
    private mutating func retry(_ entry: Entry) -> RetryEntry? {
        guard case .mapping = entry.node else {
            if entry.flag == nil { remarks.add(entry, "expected true, false or `{ budget: 10 }`, found \(entry.found)") }
            return entry.flag == true ? RetryEntry() : nil
        }
        guard let keys = mapping(entry, known: RouteKeys.retry) else { return nil }
        if keys["budget"] == nil { remarks.add(entry, "has no `budget`; give it in percent of the requests, or write `retry: true`") }
        return keys["budget"].flatMap { percent($0) }.map { RetryEntry(budget: $0) }
    }

    private mutating func fallback(_ entry: Entry, among variants: [VariantEntry]) -> FallbackEntry? {
        guard let keys = mapping(entry, known: RouteKeys.fallback) else { return nil }
        guard (keys["variant"] == nil) != (keys["body"] == nil) else {
            let found = keys["variant"] == nil ? "neither" : "both"
            remarks.add(entry, "expected one of `variant` and `body`, such as `fallback: { variant: champion }`; found \(found)")
            return nil
        }
        if let variant = keys["variant"] {
            if let status = keys["status"] { remarks.add(status, "is for `body`; a variant answers with a status of its own") }
            return fallbackVariant(variant, among: variants)
        }
        guard let body = keys["body"] else { return nil }
        let status = keys["status"].map { self.status($0) } ?? Defaults.fallbackStatus
        let json = jsonText(body)
        guard let status, let json else { return nil }
        return .answer(status: status, json: json)
    }

    private mutating func fallbackVariant(_ entry: Entry, among variants: [VariantEntry]) -> FallbackEntry? {
        guard let name = remarks.text(entry, "a variant's name") else { return nil }
        // Variants with complaints are not in the list: without any, there is nothing to compare with.
        guard !variants.isEmpty else { return nil }
        guard variants.contains(where: { $0.name == name }) else {
            let hint = Spelling.hint(for: name, in: variants.map(\.name))
            remarks.add(entry, "`\(Spelling.shown(name))` is not a variant of this route\(hint)")
            return nil
        }
        if variants.count == 1 { remarks.add(entry, "`\(name)` is the only variant; it cannot stand in for itself") }
        return .variant(name)
    }

    /// A final status (RFC 9110, section 15) whose answer may have a body.
    private mutating func status(_ entry: Entry) -> Int? {
        guard let status = remarks.count(entry, in: Limits.fallbackStatus) else { return nil }
        guard ![204, 205, 304].contains(status) else {
            remarks.add(entry, "is \(status), an answer without a body (RFC 9110)")
            return nil
        }
        return status
    }

    /// A number alone, or a mapping with the mode.
    private mutating func concurrency(_ entry: Entry) -> ConcurrencyEntry? {
        guard case .mapping = entry.node else {
            return remarks.count(entry, in: Limits.concurrency).map { ConcurrencyEntry(limit: $0) }
        }
        guard let keys = mapping(entry, known: RouteKeys.concurrency) else { return nil }
        if keys["limit"] == nil { remarks.add(entry, "has no `limit`; say how many predictions may be in work at once") }
        let mode: LimitMode? = keys["mode"].flatMap { remarks.choice($0) }
        return keys["limit"].flatMap { remarks.count($0, in: Limits.concurrency) }.map { ConcurrencyEntry(limit: $0, mode: mode ?? .enforce) }
    }
}
