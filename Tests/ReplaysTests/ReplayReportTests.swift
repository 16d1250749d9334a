import Testing

@testable import Replays

private let champion = ReplayReport.Variant(
    name: "champion", requests: 5_481, share: 0.8999507, scored: 5_481, correct: 3_131, accuracy: 0.5712461,
    latency: .init(p50: 310, p90: 702, p99: 12_345, longest: 10_000_000), errors: 0)
private let silent = ReplayReport.Variant(name: nil, requests: 3, share: nil, scored: 0, correct: 0, accuracy: nil, latency: nil, errors: 3)

@Suite("A report")
struct ReplayReportTests {
    @Test("reads as a line and a table")
    func table() {
        let report = ReplayReport(
            requests: 5_481, seconds: 1.5, version: "h2", connections: 1, run: "0a", variants: [champion], failures: [])
        #expect(
            report.table() == """
                5481 requests in 1.50 s (3654/s) over h2, 1 connection, 0 errors

                variant   requests    share  accuracy     p50     p90      p99  longest  errors
                champion      5481  90.00 %    0.5712  310 us  702 us  12.3 ms   10.0 s       0

                """)
    }

    @Test("lists errors by status, with what could not be told")
    func errors() {
        let failures: [ReplayReport.Failure] = [
            .init(variant: nil, status: 401, count: 2, example: #"{"error":"no valid token"}"#),
            .init(variant: nil, status: nil, count: 1, example: "Timeout was reached"),
        ]
        let report = ReplayReport(
            requests: 5_484, seconds: 0, version: "http/1.1", connections: 4, run: "0a", variants: [champion, silent], failures: failures)
        #expect(
            report.table() == """
                5484 requests in 0.00 s (0/s) over http/1.1, 4 connections, 3 errors

                variant   requests    share  accuracy     p50     p90      p99  longest  errors
                champion      5481  90.00 %    0.5712  310 us  702 us  12.3 ms   10.0 s       0
                (none)           3        -         -       -       -        -        -       3

                status  variant  count  first answer
                401     -            2  {"error":"no valid token"}
                -       -            1  Timeout was reached

                """)
    }

    @Test("says what became of outcomes")
    func outcomes() {
        var report = ReplayReport(
            requests: 5_481, seconds: 1.5, version: "h2", connections: 1, run: "0a", variants: [champion], failures: [])
        let plain = report.table()
        report.outcomes = .init(
            answers: [.init(name: "correct", answer: "recorded", count: 5_000), .init(name: "category", answer: "late", count: 7)],
            failures: [.init(status: 503, count: 1_000, example: "busy"), .init(status: nil, count: 4, example: "Timeout was reached")])
        #expect(
            report.table() == plain + """

                outcome   answer    count
                correct   recorded   5000
                category  late          7

                status  outcomes not taken  first answer
                503                   1000  busy
                -                        4  Timeout was reached

                """)
        report.outcomes = .init(answers: [], failures: [])
        #expect(report.table() == plain + "\nno answer that an outcome could be about\n")
    }

    @Test(
        "writes durations with a unit",
        arguments: zip([0, 9_999, 10_000, 9_999_949, 10_000_000, nil], ["0 us", "9999 us", "10.0 ms", "9999.9 ms", "10.0 s", "-"]))
    func durations(_ microseconds: Int?, text: String) {
        #expect(duration(microseconds) == text)
    }

    @Test("writes decimals", arguments: [(0.5713, 2, "0.57"), (0.005, 2, "0.01"), (-0.05, 1, "-0.1"), (12.5, 0, "13"), (0, 3, "0.000")])
    func decimals(_ value: Double, places: Int, text: String) {
        #expect(decimal(value, places) == text)
    }
}

@Suite("Options of a replay")
struct ReplayOptionsTests {
    private static func options(_ change: (inout ReplayOptions) -> Void) -> ReplayOptions {
        var options = ReplayOptions(rows: "rows", url: "https://localhost/v1/films", token: "weir_1")
        change(&options)
        return options
    }

    @Test("are refused by name when they cannot be used")
    func refused() throws {
        let bad: [(String, ReplayOptions)] = [
            ("--url", Self.options { $0.url = "http://localhost/" }),
            ("--url", Self.options { $0.url = "https://local host/" }),
            ("--token", Self.options { $0.token = "" }),
            ("--token", Self.options { $0.token = "a\r\nb" }),
            ("--unit-header", Self.options { $0.unitHeader = "x-user:" }),
            ("--unit-header", Self.options { $0.unitHeader = "" }),
            ("--rate", Self.options { $0.rate = 0 }),
            ("--rate", Self.options { $0.rate = .nan }),
            ("--rate", Self.options { $0.rate = .infinity }),
            ("--connections", Self.options { $0.connections = 257 }),
            ("--streams", Self.options { $0.streams = 0 }),
            ("--repeat", Self.options { $0.passes = -1 }),
        ]
        for (name, options) in bad {
            let error = try #require(throws: ReplayError.self) { try options.check() }
            #expect(error.description.hasPrefix(name + ": "))
        }
        try Self.options { $0.rate = 0.5 }.check()
        try Self.options { $0.unitHeader = "X_user~1" }.check()
    }

    @Test("name a run by eight digits")
    func run() {
        for _ in 0..<100 { #expect(ReplayOptions.freshRun().wholeMatch(of: #/[0-9a-f]{8}/#) != nil) }
    }

    @Test("nobody at the address is an error, not a report", .timeLimit(.minutes(1)))
    func unreachable() throws {
        try withTemporaryFile("rows.ndjson", "{}\n{}\n") { path in
            var options = ReplayOptions(rows: path, url: "https://127.0.0.1:1/", token: "t")
            options.showsProgress = false
            let error = try #require(throws: ReplayError.self) { try replay(options) }
            #expect(error.description.hasPrefix("no answer from https://127.0.0.1:1/: Failed to connect"))
        }
    }
}
