import Primitives
import Testing

@testable import RouteFiles

private let share = "a share in percent is above 0 and at most 100"

@Suite struct ProtectionKeyTests {
    /// The route of a valid file with lines added from line 6 on.
    private func route(_ lines: String) throws -> RouteFile {
        let disk = try RoutesOnDisk()
        let challenger = "  challenger: { model: challenger.onnx, sha256: \(digestB), weight: 0 }\n"
        try disk.writeRoute(validHead + challenger + lines + "\n")
        #expect(disk.complaints() == [])
        return try #require(disk.read().routes.first)
    }

    @Test("without the keys, breakers enforce their defaults and nothing else is on")
    func defaults() throws {
        let route = try route("")
        #expect(route.breaker == BreakerEntry())
        let breaker = route.breaker
        #expect((breaker.mode, breaker.failures, breaker.calls, breaker.failureRate, breaker.slowRate) == (.enforce, 5, 20, 50, 80))
        #expect((breaker.window, breaker.open, breaker.openAtMost) == (.seconds(10), .seconds(1), .seconds(60)))
        #expect((breaker.successes, breaker.ramp) == (3, .seconds(10)))
        #expect((route.retry, route.fallback, route.concurrency) == (nil, nil, nil))
        #expect(route.variants.map(\.run) == [nil, nil])
    }

    static let breakers: [(line: String, entry: BreakerEntry)] = [
        ("breaker: enforce", BreakerEntry()), ("breaker: observe", BreakerEntry(mode: .observe)), ("breaker: off", BreakerEntry(mode: .off)),
        ("breaker: {}", BreakerEntry()), ("breaker: { mode: observe }", BreakerEntry(mode: .observe)),
        (
            "breaker: { failures: 1, calls: 1, failure_rate: 0.5, slow_rate: 100, window: 10m, open: 10ms, open_at_most: 1h, successes: 15, ramp: 0s }",
            BreakerEntry(
                failures: 1, calls: 1, failureRate: 0.5, slowRate: 100, window: .seconds(600), open: .milliseconds(10),
                openAtMost: .seconds(3_600), successes: 15, ramp: 0)
        ),
        ("breaker: { open: 10m }", BreakerEntry(open: .seconds(600), openAtMost: .seconds(600))),
    ]

    @Test("a breaker is a word or everything by name", arguments: breakers.indices)
    func breaker(index: Int) throws {
        #expect(try route(Self.breakers[index].line).breaker == Self.breakers[index].entry)
    }

    @Test("retry and concurrency have a short form and a long one")
    func shortForms() throws {
        #expect(try route("retry: true").retry == RetryEntry(budget: 10))
        #expect(try route("retry: false").retry == nil)
        #expect(try route("retry: { budget: 2.5 }").retry == RetryEntry(budget: 2.5))
        #expect(try route("concurrency: 64").concurrency == ConcurrencyEntry(limit: 64, mode: .enforce))
        #expect(try route("concurrency: { limit: 65536 }").concurrency == ConcurrencyEntry(limit: 65_536, mode: .enforce))
        #expect(try route("concurrency: { limit: 1, mode: observe }").concurrency == ConcurrencyEntry(limit: 1, mode: .observe))
    }

    @Test("a variant says on which threads it runs", arguments: RunEntry.allCases)
    func run(run: RunEntry) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead.replacing("weight: 1 }", with: "weight: 1, run: \(run) }"))
        #expect(disk.read().routes.first?.variants.map(\.run) == [run])
    }

    @Test("a fallback is a variant, also one without traffic, or an answer")
    func fallback() throws {
        #expect(try route("fallback: { variant: challenger }").fallback == .variant("challenger"))
        #expect(try route("fallback: { body: 1, status: 503 }").fallback == .answer(status: 503, json: Array("1".utf8)))
    }

    static let bodies: [(yaml: String, json: String)] = [
        (#"{"label": "Drama", "scores": [0.5, 1e3, -0], "ok": true, "none": null}"#, #"{"label":"Drama","scores":[0.5,1e3,-0],"ok":true,"none":null}"#),
        ("{ label: Drama, year: 1994, known: no, empty: , at: 2026-11-22 }", #"{"label":"Drama","year":1994,"known":"no","empty":null,"at":"2026-11-22"}"#),
        ("[+1, .5, 007, 0x1F, 1_000]", #"[1,0.5,7,"0x1F","1_000"]"#),
        (#"["1", 'true', "~", ~]"#, #"["1","true","~",null]"#),
        (#""a\"b\\c\n\x01é""#, #""a\"b\\c\u000a\u0001é""#),
        ("[]", "[]"), ("{}", "{}"), ("true", "true"), ("False", #""False""#), ("12345678901234567890.125", "12345678901234567890.125"),
    ]

    @Test("a constant answer is the JSON of what stands in the file", arguments: bodies.indices)
    func body(index: Int) throws {
        let (yaml, json) = Self.bodies[index]
        #expect(try route("fallback: { body: \(yaml) }").fallback == .answer(status: 200, json: Array(json.utf8)))
    }

    @Test("a constant answer of lines keeps its order and ends of lines")
    func block() throws {
        let lines = "fallback:\n  body:\n    label: none\n    note: |\n      two\n      lines\n    list:\n      - a\n      - { b: 1 }"
        let json = #"{"label":"none","note":"two\u000alines\u000a","list":["a",{"b":1}]}"#
        #expect(try route(lines).fallback == .answer(status: 200, json: Array(json.utf8)))
    }

    @Test("a constant answer has at most 64 KiB and 32 levels")
    func bounds() throws {
        let disk = try RoutesOnDisk()
        let long = "\"" + String(repeating: "x", count: (64 << 10) - 2)
        try disk.writeRoute(validHead + "fallback: { body: \(long)\" }\n")
        #expect(disk.complaints() == [])
        try disk.writeRoute(validHead + "fallback: { body: \(long)x\" }\n")
        #expect(disk.complaints() == ["films/route.yaml:6: fallback.body: has more than 65536 bytes as JSON"])
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        try disk.writeRoute(validHead + "fallback: { body: \(nested(32)) }\n")
        #expect(disk.complaints() == [])
        try disk.writeRoute(validHead + "fallback: { body: \(nested(33)) }\n")
        let place = "fallback.body" + String(repeating: "[0]", count: 32)
        #expect(disk.complaints() == ["films/route.yaml:6: \(place): is nested more than 32 deep"])
    }

    @Test("a number is JSON's own only by JSON's grammar")
    func numbers() {
        let right = ["0", "-0", "10", "-1.5", "1e9", "1E+9", "0.25e-3"]
        let wrong = ["", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1_0", "Infinity", "1 ", "٣"]
        #expect(right.filter { !RouteDecoder.isJSONNumber($0) } == [])
        #expect(wrong.filter(RouteDecoder.isJSONNumber) == [])
    }

    @Test("bad values get exactly these complaints", arguments: bad)
    func complaints(bad: BadFile) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(bad.yaml)
        #expect(disk.complaints() == bad.complaints.map { "films/route.yaml:" + $0 })
        #expect(disk.read().routes.isEmpty)
    }

    static let bad: [BadFile] =
        [
            line("breaker: on", "breaker: expected `enforce`, `observe` or `off`, found `on`"),
            line("breaker: [off]", "breaker: expected `enforce`, `observe` or `off`, found a list"),
            line("breaker: { mode: observ }", "breaker.mode: expected `enforce`, `observe` or `off`, found `observ`; did you mean `observe`?"),
            line("breaker: { failure: 5 }", "breaker.failure: unknown key `failure`; did you mean `failures`?"),
            line("breaker: { failures: 0 }", "breaker.failures: is 0; allowed are 1 to 20"),
            line("breaker: { failures: 21 }", "breaker.failures: is 21; allowed are 1 to 20"),
            line("breaker: { calls: 0 }", "breaker.calls: is 0; allowed are 1 to 100000"),
            line("breaker: { failure_rate: 0 }", "breaker.failure_rate: is 0; \(share)"),
            line("breaker: { slow_rate: 100.5 }", "breaker.slow_rate: is 100.5; \(share)"),
            line("breaker: { window: 999ms }", "breaker.window: is 999ms; allowed are 1s to 10m"),
            line("breaker: { open: 9ms }", "breaker.open: is 9ms; allowed are 10ms to 10m"),
            line("breaker: { open: 2s, open_at_most: 1s }", "breaker.open_at_most: is 1s, below `open`, which is 2s"),
            line("breaker: { open_at_most: 61m }", "breaker.open_at_most: is 61m; allowed are 10ms to 1h"),
            line("breaker: { successes: 16 }", "breaker.successes: is 16; allowed are 1 to 15"),
            line("breaker: { ramp: 11m }", "breaker.ramp: is 11m; allowed are 0ns to 10m"),
            line("retry: 10", "retry: expected true, false or `{ budget: 10 }`, found `10`"),
            line("retry: {}", "retry: has no `budget`; give it in percent of the requests, or write `retry: true`"),
            line("retry: { budget: 0 }", "retry.budget: is 0; \(share)"),
            line("fallback: champion", "fallback: expected keys with values, found `champion`"),
            line("fallback: {}", "fallback: expected one of `variant` and `body`, such as `fallback: { variant: champion }`; found neither"),
            line(
                "fallback: { variant: champion, body: 1 }",
                "fallback: expected one of `variant` and `body`, such as `fallback: { variant: champion }`; found both"),
            line("fallback: { variant: champions }", "fallback.variant: `champions` is not a variant of this route; did you mean `champion`?"),
            line("fallback: { variant: champion }", "fallback.variant: `champion` is the only variant; it cannot stand in for itself"),
        ] + more

    static let more: [BadFile] = [
        line("fallback: { body: 1, status: 199 }", "fallback.status: is 199; allowed are 200 to 599"),
        line("fallback: { body: 1, status: 204 }", "fallback.status: is 204, an answer without a body (RFC 9110)"),
        line("fallback: { body: [1, .nan] }", "fallback.body[1]: is .nan, which JSON cannot say"),
        line("fallback: { body: { a: 1, a: 2 } }", "fallback.body.a: stands more than once (also on line 6); keep one"),
        line("concurrency: 0", "concurrency: is 0; allowed are 1 to 65536"),
        line("concurrency: many", "concurrency: expected a whole number, found `many`"),
        line("concurrency: { mode: observe }", "concurrency: has no `limit`; say how many predictions may be in work at once"),
        line("concurrency: { limit: 1, mode: off }", "concurrency.mode: expected `enforce` or `observe`, found `off`"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestA), weight: 1, run: worker }",
            "5: variants.champion.run: expected `inline` or `workers`, found `worker`; did you mean `workers`?"),
        BadFile(
            "status beside a variant",
            validHead + "  challenger: { model: challenger.onnx, sha256: \(digestB), weight: 1 }\nfallback: { variant: challenger, status: 200 }\n",
            ["7: fallback.status: is for `body`; a variant answers with a status of its own"]),
    ]

    private static func line(_ line: String, _ complaints: String...) -> BadFile {
        .plus(line, line, complaints.map { "6: " + $0 })
    }
}
