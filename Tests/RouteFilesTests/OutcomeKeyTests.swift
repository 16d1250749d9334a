import Primitives
import Testing

@testable import RouteFiles

/// A valid route with one outcome on line 7.
private func outcome(_ text: String, _ complaints: String...) -> BadFile {
    BadFile("outcome " + text, validHead + "outcomes:\n  " + text + "\n", complaints)
}

private let dotted = "which sets figures made from an outcome apart, such as `category.log_loss`; use `_` or `-`"

@Suite struct OutcomeKeyTests {
    @Test("outcomes, log and slow give every value that they say, in the order of the file")
    func values() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(
            validHead + """
                outcomes:
                  watched: { kind: mean, better: lower, window: 7d, absence: zero, cap: 0.5 }
                  correct: { kind: rate, better: higher, window: 30s, absence: unknown }
                  category: { kind: label, window: 400d }
                log: { percent: 0.25 }
                slow: 25ms

                """)
        #expect(disk.complaints() == [])
        let route = try #require(disk.read().routes.first)
        #expect(
            route.outcomes == [
                OutcomeEntry(
                    name: "watched", line: 7, kind: .mean, isHigherBetter: false, window: .seconds(604_800), isZeroWhenAbsent: true,
                    cap: 0.5),
                OutcomeEntry(
                    name: "correct", line: 8, kind: .rate, isHigherBetter: true, window: .seconds(30), isZeroWhenAbsent: false, cap: nil),
                OutcomeEntry(
                    name: "category", line: 9, kind: .label, isHigherBetter: true, window: .seconds(34_560_000), isZeroWhenAbsent: false,
                    cap: nil),
            ])
        #expect((route.logPercent, route.slow) == (0.25, .milliseconds(25)))
    }

    @Test(
        "slow is half the deadline when the file does not say",
        arguments: zip(["1ms", "50ms", "10m"], [500_000, 25_000_000, 300_000_000_000]))
    func slowByDefault(deadline: String, slow: Nanoseconds) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead + "deadline: \(deadline)\n")
        #expect(disk.read().routes.first?.slow == slow)
    }

    @Test("sixteen outcomes are possible, one more is not")
    func tooMany() throws {
        let disk = try RoutesOnDisk()
        let sixteen = validHead + "outcomes:\n" + (1...16).map { "  o\($0): { kind: rate, window: 1s }\n" }.joined()
        try disk.writeRoute(sixteen)
        #expect(disk.complaints() == [])
        try disk.writeRoute(sixteen + "  o17: { kind: rate, window: 1s }\n")
        #expect(disk.complaints() == ["films/route.yaml:6: outcomes: names 17 outcomes; at most 16 are allowed"])
    }

    @Test(
        "the ends of what is allowed are allowed",
        arguments: [
            "outcomes: { a: { kind: mean, window: 1s, cap: 0.000001 } }", "outcomes: { a: { kind: mean, window: 1s, cap: 9000000 } }",
            "outcomes: { a: { kind: label, window: 1s, better: higher, absence: unknown } }", "log: { percent: 0 }",
            "log: { percent: 100 }",
            "slow: 1us", "slow: 1s",
        ])
    func ends(line: String) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead + line + "\n")
        #expect(disk.complaints() == [])
    }

    @Test("bad outcomes get exactly these complaints", arguments: outcomes + others)
    func complaints(bad: BadFile) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(bad.yaml)
        #expect(disk.complaints() == bad.complaints.map { "films/route.yaml:" + $0 })
        #expect(disk.read().routes.isEmpty)
    }

    static let outcomes = [
        outcome(
            "correct: {}", "7: outcomes.correct: has no `kind`; it is one of `rate`, `mean` or `label`",
            "7: outcomes.correct: has no `window`; say how long after a prediction it counts, such as `window: 30s`"),
        outcome("correct: rate", "7: outcomes.correct: expected keys with values, found `rate`"),
        outcome(
            "a b: { kind: rate, window: 1s }", "7: outcomes.a b: `a b` is not a name; a name is 1 to 64 of the characters A-Z a-z 0-9 . _ -"
        ),
        outcome("a.b: { kind: rate, window: 1s }", "7: outcomes.a.b: `a.b` has a dot, \(dotted)"),
        outcome(
            "correct: { kind: rates, window: 1s }",
            "7: outcomes.correct.kind: expected `rate`, `mean` or `label`, found `rates`; did you mean `rate`?"),
        outcome("correct: { kind: rate, window: 999ms }", "7: outcomes.correct.window: is 999ms; allowed are 1s to 400d"),
        outcome("correct: { kind: rate, window: 401d }", "7: outcomes.correct.window: is 401d; allowed are 1s to 400d"),
        outcome(
            "correct: { kind: rate, window: 30 }",
            "7: outcomes.correct.window: expected a whole number with its unit, such as `50ms`, `1s` or `2m`, found `30`"),
        outcome(
            "correct: { kind: rate, window: 1s, better: more }",
            "7: outcomes.correct.better: expected `higher` or `lower`, found `more`"),
        outcome(
            "correct: { kind: rate, window: 1s, absence: 0 }",
            "7: outcomes.correct.absence: expected `zero` or `unknown`, found `0`"),
        outcome("correct: { kind: rate, window: 1s, cap: 1 }", "7: outcomes.correct.cap: is for `mean`; this outcome is `rate`"),
        outcome(
            "spent: { kind: mean, window: 1s }",
            "7: outcomes.spent: has no `cap`, which a `mean` needs; values beyond it, either way, count as it"
        ),
        outcome("spent: { kind: mean, window: 1s, cap: 0 }", "7: outcomes.spent.cap: is 0; allowed are 0.000001 to 9000000"),
        outcome("spent: { kind: mean, window: 1s, cap: 9000001 }", "7: outcomes.spent.cap: is 9000001; allowed are 0.000001 to 9000000"),
        outcome(
            "spent: { kind: mean, window: 1s, cap: \"5\" }",
            "7: outcomes.spent.cap: expected a number, found the string \"5\"; remove the quotes"),
        outcome(
            "genre: { kind: label, window: 1s, better: lower, absence: zero }",
            "7: outcomes.genre.better: is `lower`; of a `label` the accuracy is compared, and more of it is better",
            "7: outcomes.genre.absence: is `zero`; a `label` that did not come is not a wrong one, so it is `unknown`"),
        outcome(
            "correct: { kind: rate, window: 1s, windows: 2s }",
            "7: outcomes.correct.windows: unknown key `windows`; did you mean `window`?"),
    ]

    static let others: [BadFile] = [
        .plus(
            "no outcomes", "outcomes: {}",
            ["6: outcomes: names no outcome; write one, such as `correct: { kind: rate, window: 30s }`, or leave the key out"]),
        .plus("outcomes as a list", "outcomes: [correct]", ["6: outcomes: expected keys with values, found a list"]),
        .plus("log as a number", "log: 1", ["6: log: expected keys with values, found `1`"]),
        .plus(
            "log of nothing", "log: {}", ["6: log: has no `percent`; give the share of predictions to log, such as `log: { percent: 1 }`"]),
        .plus("too much log", "log: { percent: 100.5 }", ["6: log.percent: is 100.5; allowed are 0 to 100"]),
        .plus("negative log", "log: { percent: -1 }", ["6: log.percent: is -1; allowed are 0 to 100"]),
        .plus(
            "slow without a unit", "slow: 25", ["6: slow: expected a whole number with its unit, such as `50ms`, `1s` or `2m`, found `25`"]),
        .plus("slow at once", "slow: 999ns", ["6: slow: is 999ns; allowed are 1us to 10m"]),
        .plus(
            "slow beyond the deadline", "slow: 60ms\ndeadline: 50ms",
            ["6: slow: is 60ms, above `deadline`, which is 50ms: no answer would be slow"]),
    ]
}
