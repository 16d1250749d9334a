import Testing

@testable import Ledgers

@Suite struct ShadowExampleTests {
    private let digest = String(repeating: "a", count: 64)

    /// The divergences that are kept of the shadow `candidate`, largest first.
    private func divergences(_ ledger: Ledger) throws -> [Double] {
        try ledger.examples(route: "r", shadow: "candidate", limit: 100).map(\.divergence)
    }

    @Test("examples come back as they were kept, the largest divergence first")
    func keeps() throws {
        let ledger = try TestFolder().open()
        let examples = [
            ShadowExample.sample(1, unit: .max, divergence: 0.25), .sample(2, divergence: .infinity, input: nil), .sample(3, divergence: 7),
            .sample(4, shadow: "other", digest: "b", divergence: 5), .sample(5, route: "s", divergence: 6),
        ]
        try ledger.keepExamples(examples, atMost: 20)
        try ledger.keepExamples([], atMost: 0)
        #expect(try ledger.examples(route: "r", limit: 100) == [1, 2, 3, 0].map { examples[$0] })
        #expect(try ledger.examples(route: "r", limit: 2) == [1, 2].map { examples[$0] })
        #expect(try ledger.examples(route: "r", shadow: "candidate", limit: 100) == [1, 2, 0].map { examples[$0] })
        #expect(try ledger.examples(route: "r", shadow: "candidate", sha256: String(repeating: "b", count: 64), limit: 100).isEmpty)
        #expect(try ledger.examples(route: "s", limit: 100) == [examples[4]])
    }

    @Test("of a shadow and model the largest stay; of those that are alike, the older")
    func bounds() throws {
        let ledger = try TestFolder().open()
        try ledger.keepExamples((0..<4).map { .sample($0, divergence: [2, 5, 3, 4][$0]) }, atMost: 3)
        #expect(try divergences(ledger) == [5, 4, 3])
        // Another model and another shadow have room of their own.
        let others = [ShadowExample.sample(10, digest: "b", divergence: 1), .sample(10, shadow: "other", divergence: 1)]
        try ledger.keepExamples(others + [.sample(11, divergence: 3), .sample(12, divergence: 4)], atMost: 3)
        #expect(try divergences(ledger) == [5, 4, 4, 1])
        let kept = try ledger.examples(route: "r", shadow: "candidate", sha256: digest, limit: 100)
        #expect(kept.map(\.key) == [1, 3, 12].map { PredictionRecord.key($0) })
        try ledger.keepExamples([.sample(13, divergence: 4)], atMost: 3)
        #expect(try ledger.examples(route: "r", shadow: "candidate", sha256: digest, limit: 100) == kept)
        #expect(try ledger.examples(route: "r", shadow: "other", limit: 100) == [others[1]])
    }

    @Test("an example whose prediction is there for its shadow is left out, for another shadow it is not")
    func once() throws {
        let ledger = try TestFolder().open()
        let first = ShadowExample.sample(1, divergence: 1)
        try ledger.keepExamples([first, .sample(1, divergence: 2)], atMost: 5)
        let more = [ShadowExample.sample(1, divergence: 3), .sample(2, divergence: 0.5), .sample(1, shadow: "other", divergence: 4)]
        try ledger.keepExamples(more, atMost: 5)
        #expect(try divergences(ledger) == [1, 0.5])
        #expect(try ledger.examples(route: "r", limit: 100).map(\.divergence) == [4, 1, 0.5])
    }

    @Test("the smallest that is kept is known once there is no room for more")
    func smallest() throws {
        let ledger = try TestFolder().open()
        func smallest(_ limit: Int) throws -> Double? {
            try ledger.smallestKept(route: "r", shadow: "candidate", sha256: digest, atMost: limit)
        }
        #expect(try smallest(1) == nil)
        try ledger.keepExamples([.sample(1, divergence: 3), .sample(2, divergence: 2), .sample(3, digest: "b", divergence: 1)], atMost: 3)
        #expect(try smallest(3) == nil)
        #expect(try smallest(2) == 2)
        #expect(try smallest(1) == 3)
    }

    @Test("texts are bounded: a long input is left out, a long answer is cut between characters")
    func texts() throws {
        let ledger = try TestFolder().open()
        let full = String(repeating: "x", count: 65_536)
        var fits = ShadowExample.sample(1, divergence: 2, input: full)
        (fits.answer, fits.shadowAnswer) = (full, full)
        var long = ShadowExample.sample(2, divergence: 1, input: full + "x")
        // Three bytes are for the ellipsis; the character of four bytes that begins in byte 65 531 would end behind the rest.
        (long.answer, long.shadowAnswer) = (full + "x", String(full.dropLast(5)) + "🎬🎬")
        try ledger.keepExamples([fits, long], atMost: 5)
        let kept = try ledger.examples(route: "r", limit: 5)
        #expect(kept.first == fits)
        #expect(kept.last?.input == nil)
        #expect(kept.last?.answer == String(full.dropLast(3)) + "…")
        #expect(kept.last?.shadowAnswer == String(full.dropLast(5)) + "…")
    }

    @Test("a route keeps the examples of sixteen models; those without a new one for longest go")
    func models() throws {
        let ledger = try TestFolder().open()
        let digests = Array("0123456789abcdef")
        for (number, digest) in digests.enumerated() { try ledger.keepExamples([.sample(number, digest: digest)], atMost: 3) }
        try ledger.keepExamples([.sample(30, digest: "0"), .sample(31, route: "s", shadow: "other")], atMost: 3)
        #expect(try ledger.examples(route: "r", limit: 100).count == 17)
        try ledger.keepExamples([.sample(40, shadow: "other", digest: "1")], atMost: 3)
        let kept = try ledger.examples(route: "r", limit: 100)
        let models = Set(kept.map { "\($0.shadow) \($0.sha256.prefix(1))" })
        #expect(models == Set(digests.filter { $0 != "1" }.map { "candidate \($0)" } + ["other 1"]))
        #expect(kept.count == 17)
        #expect(try ledger.examples(route: "s", limit: 100).count == 1)
    }

    @Test("what cannot be is refused by its name, and nothing of its group is kept")
    func refusals() throws {
        let ledger = try TestFolder().open()
        var odd = [(key: String, example: ShadowExample)](repeating: ("", .sample(2)), count: 7)
        (odd[0].key, odd[0].example.key) = ("key", [1, 2, 3])
        (odd[1].key, odd[1].example.divergence) = ("divergence", .nan)
        (odd[2].key, odd[2].example.divergence) = ("divergence", -1)
        (odd[3].key, odd[3].example.sha256) = ("sha256", "abc")
        (odd[4].key, odd[4].example.shadow) = ("shadow", "")
        (odd[5].key, odd[5].example.variant) = ("variant", "")
        (odd[6].key, odd[6].example.route) = ("route", "")
        for (key, example) in odd {
            let error = try ledgerError { try ledger.keepExamples([.sample(1), example], atMost: 5) }
            guard case .invalid(key, _) = error else {
                Issue.record("\(key): \(String(describing: error))")
                return
            }
        }
        #expect(try ledger.examples(route: "r", limit: 100).isEmpty)
    }

    @Test("keeping examples is no change of what is in force, and not audited")
    func quiet() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.snapshot(now: .noon)
        try ledger.keepExamples([.sample(1)], atMost: 5)
        #expect(try !ledger.hasChanged())
        #expect(try ledger.verifyAudit().entries == 2)
    }

    @Test("a route's records hold its shadows, and of each the largest examples of the model that it has now")
    func records() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        let shadows = [ShadowTests.shadow("z"), ShadowTests.shadow("a", digest: "b")]
        try ledger.declareShadows(route: "r", shadows)
        let kept = (0..<10).map { ShadowExample.sample($0, shadow: "z", divergence: Double($0)) }
        let others = [
            ShadowExample.sample(20, shadow: "a", digest: "b", divergence: 100), .sample(21, shadow: "a", digest: "c", divergence: 200),
            .sample(22, shadow: "gone", divergence: 300), .sample(23, route: "s", shadow: "z", divergence: 400),
        ]
        try ledger.keepExamples(kept + others, atMost: 20)
        let records = try ledger.records(route: "r", workers: [], now: .noon)
        #expect(records.shadows == shadows)
        #expect(records.examples == kept.suffix(8).reversed() + [others[0]])
    }
}
