import Contracts
import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("what becomes of an outcome") struct OutcomeClerkTests {
    private let clerk = OutcomeClerk(rules: OutcomeRig.rules())

    /// Decides on the only outcome of a body.
    private func decide(_ body: String, route: String? = nil) throws -> (route: String, name: String, decision: OutcomeClerk.Decision) {
        let job = OutcomeRig.job(body, route: route)
        var bytes = job.body
        var reader = try OutcomeReader(maxBody: 10_000, maxItems: 10)
        return try bytes.withUnsafeMutableBufferPointer { bytes in
            let batch = reader.read(try #require(bytes.baseAddress), count: job.count)
            try #require(batch.fault == nil && batch.count == 1)
            return clerk.decide(batch[0], of: job)
        }
    }

    /// The entry that is to be stored; nil when the outcome is refused.
    private func entry(_ body: String) throws -> OutcomeEntry? {
        if case .entry(let entry) = try decide(body).decision { entry } else { nil }
    }

    private func refusal(_ body: String, route: String? = nil) throws -> OutcomeClerk.Refused? {
        if case .refused(let reason) = try decide(body, route: route).decision { reason } else { nil }
    }

    @Test("an entry has all that its id, its declaration and its sender say")
    func whole() throws {
        let id = OutcomeRig.id(5, assigned: "champion", served: "challenger", label: 1)
        let at = #","at":"2026-11-22T12:00:00.5Z","replace":true"#
        let entry = try #require(try entry(OutcomeRig.item(OutcomeRig.text(id), "correct", "1", more: at)))
        #expect(entry.id == id && entry.route == "trees" && entry.name == "correct" && entry.author == "shop")
        #expect(entry.assigned == "champion" && entry.served == "challenger")
        #expect(entry.declaration == 10 && entry.windowMilliseconds == 30_000)
        #expect(entry.value == 1_000_000 && entry.counted == 1_000_000 && entry.truth == nil && entry.truthIndex == nil)
        #expect(
            entry.at?.milliseconds == 1_795_348_800_500 && entry.receivedAt.milliseconds == Int64(OutcomeRig.noon) + 1_000 && entry.replaces
        )
        let plain = try #require(try self.entry(OutcomeRig.item(OutcomeRig.text(id))))
        #expect(plain.at == nil && !plain.replaces)
    }

    /// A name, a value in JSON, what is stored and what counts of it in millionths.
    static let values: [(name: String, value: String, raw: Int64, counted: Int64)] = [
        ("correct", "0", 0, 0), ("correct", "1", 1_000_000, 1_000_000), ("correct", "true", 1_000_000, 1_000_000),
        ("correct", "false", 0, 0),
        ("correct", "1.0", 1_000_000, 1_000_000), ("correct", "1e0", 1_000_000, 1_000_000), ("correct", "-0", 0, 0),
        ("minutes", "42.25", 42_250_000, 42_250_000), ("minutes", "120", 120_000_000, 120_000_000),
        ("minutes", "120.000001", 120_000_001, 120_000_000), ("minutes", "9e6", 9_000_000_000_000, 120_000_000),
        ("minutes", "-500", -500_000_000, -120_000_000), ("minutes", "0.0000005", 0, 0), ("minutes", "0.0000015", 2, 2),
        ("free", "9000000", 9_000_000_000_000, 9_000_000_000_000), ("free", "-9000000", -9_000_000_000_000, -9_000_000_000_000),
    ]

    @Test("values are kept in millionths as sent, and count up to their cap", arguments: values)
    func kept(name: String, value: String, raw: Int64, counted: Int64) throws {
        let entry = try #require(try entry(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id()), name, value)))
        #expect(entry.value == raw && entry.counted == counted)
    }

    @Test(
        "values that their outcome cannot have are refused",
        arguments: [
            ("correct", "2"), ("correct", "0.5"), ("correct", "-1"), ("correct", #""1""#), ("correct", "null"), ("correct", "1e999"),
            ("minutes", "true"), ("minutes", #""3""#), ("minutes", "9000000.000001"), ("minutes", "null"), ("category", "1"),
            ("category", "true"),
            ("category", #""Oak""#), ("category", #""elm""#), ("category", #""""#), ("category", "null"),
        ])
    func badValues(name: String, value: String) throws {
        let found = try decide(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id()), name, value))
        guard case .refused(.badValue) = found.decision else { return try #require(Bool(false), "\(found)") }
        #expect(found.route == "trees" && found.name == name)
    }

    /// Who served, the index that was answered, the true label, whether they agree, and the truth's index.
    static let labels: [(served: String, answered: UInt16, truth: String, isRight: Bool, index: Int)] = [
        ("champion", 0, "oak", true, 0), ("champion", 0, "willow", false, 2), ("champion", 2, "willow", true, 2),
        ("challenger", 0, "willow", true, 0), ("challenger", 0, "oak", false, 1),
    ]

    @Test("a true label is compared with the answered one, by the labels of the variant that served", arguments: labels)
    func truths(served: String, answered: UInt16, truth: String, isRight: Bool, index: Int) throws {
        let id = OutcomeRig.id(assigned: "champion", served: served, label: answered)
        let entry = try #require(try entry(OutcomeRig.item(OutcomeRig.text(id), "category", "\"\(truth)\"")))
        #expect(entry.value == (isRight ? 1_000_000 : 0) && entry.counted == entry.value)
        #expect(entry.truth == truth && entry.truthIndex == index)
    }

    @Test("a label says nothing about an answer that had none; a variant that is served no more had the classes of its declaration")
    func noLabel() throws {
        let failed = OutcomeRig.id(label: PredictionID.noLabel)
        #expect(try refusal(OutcomeRig.item(OutcomeRig.text(failed), "category", #""oak""#)) == .badValue)
        let gone = OutcomeRig.id(served: "gone")
        #expect(try entry(OutcomeRig.item(OutcomeRig.text(gone), "category", #""oak""#))?.value == 1_000_000)
        #expect(try entry(OutcomeRig.item(OutcomeRig.text(gone), "correct"))?.served == "gone", "a rate needs no label")
    }

    @Test("ids that are not ours are forged: of any other text, key, or signature; one of an older key is ours")
    func forged() throws {
        let id = OutcomeRig.id()
        let text = OutcomeRig.text(id)
        let foreign = Primitives.PredictionKey(id: OutcomeRig.key.id, secret: SipHash.Key(low: 5, high: 7))
        let unknown = Primitives.PredictionKey(id: 9, secret: SipHash.Key(low: 5, high: 6))
        let bodies = ["", "x", String(text.dropLast()), text + "A", OutcomeRig.text(id, key: foreign), OutcomeRig.text(id, key: unknown)]
        for prediction in bodies { #expect(try refusal(OutcomeRig.item(prediction)) == .forged, "\(prediction)") }
        for place in [0, 10, 25, 50, 87] {
            var changed = Array(text)
            changed[place] = changed[place] == "A" ? "B" : "A"
            #expect(try refusal(OutcomeRig.item(String(changed))) == .forged, "character \(place)")
        }
        #expect(try entry(OutcomeRig.item(OutcomeRig.text(id, key: OutcomeRig.older)))?.id == id)
    }

    @Test("a name is known when it is in force, and was declared when the prediction was made")
    func names() throws {
        let text = OutcomeRig.text(OutcomeRig.id())
        #expect(try refusal(OutcomeRig.item(text, "nonsense")) == .unknownName)
        #expect(try refusal(OutcomeRig.item(text, "Correct")) == .unknownName)
        let before = OutcomeRig.text(OutcomeRig.id(declaration: 9))
        #expect(try refusal(OutcomeRig.item(before, "minutes", "1")) == .unknownName, "declared later")
        #expect(try refusal(OutcomeRig.item(before, "old")) == .unknownName, "in force no more")
        let early = OutcomeRig.text(OutcomeRig.id(declaration: 0))
        #expect(try refusal(OutcomeRig.item(early)) == .unknownName, "made before any declaration")
        #expect(try refusal(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(route: "silent")))) == .unknownName, "a route without outcomes")
        #expect(try refusal(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(route: "felled")))) == .unknownName, "no route of the plan")
        #expect(try refusal(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(assigned: "stranger")))) == .unknownName, "in no revision")
        #expect(try refusal(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(served: "stranger")))) == .unknownName)
    }

    @Test(
        "an id counts under the declaration that its three bits name, the newest of several, with that one's window",
        arguments: [
            (9 as UInt32, 9 as UInt32, 90_000 as Int64), (1, 9, 90_000), (10, 10, 30_000), (2, 10, 30_000), (18, 10, 30_000),
        ])
    func declarations(made: UInt32, counted: UInt32, window: Int64) throws {
        let entry = try #require(try entry(OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(declaration: made)))))
        #expect(entry.declaration == counted && entry.windowMilliseconds == window)
    }

    @Test("a token for one route may report about no other; that an id is forged is told first")
    func tokens() throws {
        let body = OutcomeRig.item(OutcomeRig.text(OutcomeRig.id()))
        #expect(try refusal(body, route: "trees") == nil)
        #expect(try refusal(body, route: "lakes") == .forbidden)
        #expect(try refusal(OutcomeRig.item("x"), route: "lakes") == .forged)
        let unnamed = try decide(body, route: "lakes")
        #expect(unnamed.route == "", "counted under no route that the token may not know")
    }

    @Test(
        "each refusal is counted under a word of the metrics",
        arguments: [
            (OutcomeClerk.Refused.forged, Metrics.OutcomeAnswer.forged, "forged"), (.forbidden, .forged, "forbidden"),
            (.unknownName, .unknownName, "unknown-name"), (.badValue, .badValue, "bad-value"),
        ])
    func words(reason: OutcomeClerk.Refused, counted: Metrics.OutcomeAnswer, word: String) {
        #expect(reason.counted == counted && reason.rawValue == word)
    }
}
