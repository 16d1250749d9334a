import Primitives
import Testing

@testable import Replays

/// A moment, in milliseconds.
private func at(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: 0).advanced(by: .milliseconds(milliseconds)) }

private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

/// A queue of these outcomes, and what is often done to it.
private final class Rig {
    var queue: OutcomeQueue

    init(_ names: String..., drops: Bool = false) throws { queue = OutcomeQueue(try OutcomeKind.list(names), drops: drops) }

    func add(_ answer: String = #"{"id":"p","label":"Drama"}"#, truth: String = "Drama", now: UInt64 = 0) throws {
        queue.add(try JSONObject(bytes(answer)), truth: truth, now: at(now))
    }

    /// The text sent at `now`.
    func take(_ now: UInt64, isLast: Bool = false) -> String? {
        queue.take(at: at(now), isLast: isLast).map { String(decoding: $0, as: UTF8.self) }
    }

    func finish(_ status: Int?, _ text: String, retryAfter: String? = nil, now: UInt64 = 0) {
        queue.finish(status: status, text: bytes(text), retryAfter: retryAfter, now: at(now))
    }

    var report: ReplayReport.Outcomes { queue.tally.report(queue.kinds) }
}

/// An answer that says `word` of so many outcomes.
private func answers(_ count: Int, _ word: String = "recorded") -> String {
    #"{"outcomes":["# + Array(repeating: "\"\(word)\"", count: count).joined(separator: ",") + "]}"
}

@Suite("A queue of outcomes")
struct OutcomeQueueTests {
    @Test("reports whether the answer was right, or the true label")
    func values() throws {
        let rig = try Rig("correct", "category=label")
        try rig.add(#"{"id":"a1","label":"Drama"}"#, truth: "Drama")
        try rig.add(#"{"id":"a2","label":"Drama"}"#, truth: "Film \"noir\"")
        try rig.add(#"{"id":"a3","value":1.5}"#, truth: "2")
        #expect(
            rig.take(0, isLast: true) == """
                [{"prediction":"a1","name":"correct","value":1},{"prediction":"a1","name":"category","value":"Drama"},\
                {"prediction":"a2","name":"correct","value":0},{"prediction":"a2","name":"category","value":"Film \\"noir\\""},\
                {"prediction":"a3","name":"category","value":"2"}]
                """)
        rig.finish(200, #"{"outcomes":["recorded", "late","recorded","recorded","unknown-name"]}"#)
        #expect(rig.queue.isDone)
        #expect(
            rig.report
                == .init(
                    answers: [
                        .init(name: "correct", answer: "recorded", count: 2), .init(name: "category", answer: "late", count: 1),
                        .init(name: "category", answer: "recorded", count: 1), .init(name: "category", answer: "unknown-name", count: 1),
                    ], failures: []))
    }

    @Test("sends a full body at once, another one when its first outcome is a second old, one at a time")
    func pace() throws {
        let rig = try Rig("correct")
        for number in 0..<UInt64(Limits.outcomesOfBatch) { try rig.add(now: number / 100) }
        #expect(rig.queue.nextDue(isLast: false) == at(0))
        try rig.add(#"{"id":"next","label":"x"}"#, now: 20)
        let full = try #require(rig.take(20))
        #expect(full.split(separator: "prediction").count == Limits.outcomesOfBatch + 1)
        #expect(rig.take(5_000) == nil, "one is under way")
        rig.finish(200, answers(Limits.outcomesOfBatch), now: 30)
        #expect(rig.take(1_019) == nil)
        #expect(rig.queue.nextDue(isLast: false) == at(1_020))
        #expect(rig.queue.nextDue(isLast: true) == at(20))
        #expect(rig.take(1_020) == #"[{"prediction":"next","name":"correct","value":0}]"#)
        #expect(!rig.queue.isDone)
        rig.finish(200, answers(1, "late"))
        #expect(rig.queue.isDone && rig.report.answers.map(\.count) == [1_000, 1])
    }

    @Test(
        "rests before it sends the same again, as long as it is asked to within bounds",
        arguments: zip(["3", "0", nil, "Sun, 22 Nov 2026 22:00:00 GMT", "86400"], [3_000, 0, 1_000, 1_000, 10_000] as [UInt64]))
    func rest(_ retryAfter: String?, milliseconds: UInt64) throws {
        let rig = try Rig("correct")
        try rig.add()
        let body = rig.take(0, isLast: true)
        rig.finish(503, #"{"code":"outcomes-busy"}"#, retryAfter: retryAfter, now: 100)
        #expect(rig.queue.nextDue(isLast: true) == at(100 + milliseconds))
        #expect(milliseconds == 0 || rig.take(99 + milliseconds, isLast: true) == nil)
        #expect(rig.take(100 + milliseconds, isLast: true) == body)
        rig.finish(200, answers(1))
        #expect(rig.queue.isDone && rig.report == .init(answers: [.init(name: "correct", answer: "recorded", count: 1)], failures: []))
    }

    @Test("gives a body up after five failures in a row, and tries each later one once until one succeeds", arguments: [503, 429, nil])
    func patience(_ status: Int?) throws {
        let rig = try Rig("correct")
        func fail() { rig.finish(status, "busy", retryAfter: "0") }
        try rig.add()
        for _ in 0..<Limits.outcomeTries {
            #expect(rig.take(0, isLast: true) != nil)
            fail()
        }
        #expect(rig.queue.isDone)
        try rig.add()
        #expect(rig.take(0, isLast: true) != nil)
        fail()
        #expect(rig.queue.isDone)
        try rig.add()
        #expect(rig.take(0, isLast: true) != nil)
        rig.finish(200, answers(1))
        try rig.add()
        #expect(rig.take(0, isLast: true) != nil)
        fail()
        #expect(!rig.queue.isDone, "patience is back")
        #expect(rig.report.failures == [.init(status: status, count: 2, example: "busy")])
    }

    @Test("a refusal of the token ends it, for those that wait and those to come", arguments: [401, 403, 404])
    func refusal(_ status: Int) throws {
        let rig = try Rig("correct")
        for _ in 0...Limits.outcomesOfBatch { try rig.add() }
        #expect(rig.take(0) != nil)
        rig.finish(status, #"{"code":"no"}"#)
        #expect(rig.queue.isDone)
        try rig.add()
        #expect(rig.queue.isDone)
        #expect(rig.report == .init(answers: [], failures: [.init(status: status, count: 1_002, example: #"{"code":"no"}"#)]))
    }

    @Test(
        "an answer that does not tell of each outcome is no success",
        arguments: [
            "", "[]", "{}", #"{"outcomes":[]}"#, #"{"outcomes":["recorded"]}"#, #"{"outcomes":["a","b",]}"#, #"{"outcomes":[1,2]}"#,
        ])
    func misread(_ answer: String) throws {
        let rig = try Rig("correct")
        try rig.add()
        try rig.add()
        #expect(rig.take(0, isLast: true) != nil)
        rig.finish(200, answer)
        #expect(rig.report == .init(answers: [], failures: [.init(status: 200, count: 2, example: answer)]))
    }

    @Test("an answer without an id is counted, not sent", arguments: [#"{"label":"x"}"#, #"{"id":"","label":"x"}"#])
    func unnamed(_ answer: String) throws {
        let rig = try Rig("correct", "category=label")
        try rig.add(answer)
        #expect(rig.queue.isDone)
        #expect(rig.report.failures == [.init(status: 200, count: 2, example: "the answer has no id of a prediction")])
    }

    @Test("what waits is bounded: by whoever sends rows, or by dropping", arguments: [false, true])
    func bounded(drops: Bool) throws {
        var queue = OutcomeQueue(try OutcomeKind.list(["correct"]), drops: drops, room: 200)
        let answer = try JSONObject(bytes(#"{"id":"p","label":"Drama"}"#))
        var added = 0
        while !queue.isFull {
            queue.add(answer, truth: "Drama", now: at(0))
            added += 1
        }
        #expect(added == 5, "of 45 bytes each, with a bracket or comma")
        queue.add(answer, truth: "Drama", now: at(0))
        #expect(queue.tally.report(queue.kinds).failures.map(\.example) == (drops ? ["too many waited to be sent"] : []))
        #expect(queue.take(at: at(0), isLast: true) != nil)
        #expect(!queue.isFull)
        queue.finish(status: 200, text: bytes(answers(drops ? 5 : 6)), retryAfter: nil, now: at(0))
        #expect(queue.isDone)
    }

    @Test("a body is bounded in bytes, and an outcome beyond that goes alone")
    func long() throws {
        let rig = try Rig("category=label")
        for length in [1, Limits.outcomeBatchBytes, 1] { try rig.add(truth: String(repeating: "x", count: length)) }
        for isLong in [false, true, false] {
            let body = try #require(rig.take(0, isLast: true))
            #expect((body.utf8.count > Limits.outcomeBatchBytes) == isLong)
            rig.finish(200, answers(1))
        }
        #expect(rig.queue.isDone)
    }
}

@Suite("A tally of outcomes")
struct OutcomeTallyTests {
    @Test("a server that invents words and errors fills no memory")
    func bounded() throws {
        var tally = OutcomeTally()
        for number in 0..<500 {
            tally.add(kind: 0, word: "word-\(number)")
            tally.fail(2, status: 500 + number, text: bytes(String(repeating: "y", count: 5_000)))
        }
        let report = tally.report(try OutcomeKind.list(["correct"]))
        #expect(report.answers.count == Limits.outcomeAnswers + 1)
        #expect(report.answers.first == .init(name: "correct", answer: "(other)", count: 500 - Limits.outcomeAnswers))
        #expect(report.failures.count == Limits.failureKinds + 1)
        #expect(report.failures.first?.count == 2 * (500 - Limits.failureKinds))
        #expect(report.failures.allSatisfy { $0.example.count == Limits.exampleCharacters })
    }
}

@Suite("Options of outcomes")
struct OutcomeOptionsTests {
    @Test(
        "go to the origin of the route",
        arguments: zip(
            ["https://h:8443/v1/films", "https://h", "https://[::1]:1?x=/", "https://h/a/b#c"],
            ["https://h:8443/v1/outcomes", "https://h/v1/outcomes", "https://[::1]:1/v1/outcomes", "https://h/v1/outcomes"]))
    func origin(_ url: String, outcomes: String) {
        #expect(ReplayOptions(rows: "rows", url: url, token: "t").outcomesURL == outcomes)
    }

    @Test("are a name, or a name and label")
    func names() throws {
        let kinds = try OutcomeKind.list(["correct", "category=label"])
        #expect(kinds.map(\.name) == ["correct", "category"] && kinds.map(\.sendsLabel) == [false, true])
    }

    @Test(
        "are refused when they cannot be meant",
        arguments: [
            (["correct=2"], "neither NAME nor NAME=label"), ([""], "not the name"), (["=label"], "not the name"), (["a b"], "not the name"),
            ([String(repeating: "n", count: 65)], "not the name"), (["a", "a=label"], "named twice"),
            ((0..<17).map { "n\($0)" }, "16 at most"),
        ])
    func refused(_ outcomes: [String], complaint: String) throws {
        var options = ReplayOptions(rows: "rows", url: "https://localhost/", token: "t")
        options.outcomes = outcomes
        let error = try #require(throws: ReplayError.self) { try options.check() }
        #expect(error.description.hasPrefix("--outcome: ") && error.description.contains(complaint))
    }

    @Test("need a row with a label")
    func unlabelled() throws {
        try withTemporaryFile("rows.ndjson", "{\"label\":null}\n") { path in
            var options = ReplayOptions(rows: path, url: "https://127.0.0.1:1/", token: "t")
            options.outcomes = ["correct"]
            let error = try #require(throws: ReplayError.self) { try replay(options) }
            #expect(error.description == "--outcome: no row of \(path) has a 'label'")
        }
    }
}
