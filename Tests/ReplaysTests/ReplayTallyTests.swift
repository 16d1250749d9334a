import Testing

@testable import Replays

/// A seeded generator (SplitMix64), so that every run draws the same.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite("A latency tally")
struct LatencyTallyTests {
    @Test("quantiles lie within 1/128 above the exact nearest rank", arguments: [0.01, 0.5, 0.9, 0.99, 0.999, 1])
    func quantiles(_ q: Double) throws {
        var random = Seeded(state: 3)
        var tally = LatencyTally()
        var values: [Int] = []
        for _ in 0..<20_000 {
            let value = 1 << Int.random(in: 0..<26, using: &random) + Int.random(in: 0..<1000, using: &random)
            values.append(value)
            tally.add(microseconds: value)
        }
        let exact = values.sorted()[Int((q * 20_000).rounded(.up)) - 1]
        let found = try #require(tally.quantile(q))
        #expect(found >= exact)
        #expect(Double(found) <= Double(exact) * (1 + 1.0 / 128))
    }

    @Test("durations up to 255 us are exact", arguments: [0, 1, 127, 128, 254, 255])
    func exact(_ value: Int) {
        var tally = LatencyTally()
        tally.add(microseconds: value)
        tally.add(microseconds: 1_000_000)
        #expect(tally.quantile(0.5) == value)
    }

    @Test("no duration is too long or too short to count")
    func extremes() {
        var tally = LatencyTally()
        #expect(tally.quantile(0.5) == nil)
        tally.add(microseconds: -5)
        #expect(tally.quantile(1) == 0)
        tally.add(microseconds: .max)
        #expect(tally.longest == .max)
        #expect(tally.count == 2)
    }
}

/// How a request ended, with an unremarkable answer unless told otherwise.
private func ending(
    status: Int? = 200, variant: String? = "champion", truth: String? = "Drama", failure: String? = nil,
    _ text: String = #"{"label":"Drama"}"#, took: Int? = 100
) -> ReplayTally.Ending {
    .init(status: status, variant: variant, truth: truth, failure: failure, text: Array(text.utf8)[...], microseconds: took)
}

@Suite("A replay's tally")
struct ReplayTallyTests {
    @Test("share counts requests that a variant answered, accuracy those with a label on both sides")
    func counts() {
        var tally = ReplayTally()
        for _ in 0..<6 { tally.add(ending()) }
        tally.add(ending(#"{"label":"Comedy"}"#))
        tally.add(ending(truth: nil))
        tally.add(ending(#"{"value":1.5}"#))
        tally.add(ending(status: 500, #"{"error":"x"}"#, took: 900_000))
        tally.add(ending(took: nil))
        for _ in 0..<10 { tally.add(ending(variant: "challenger", truth: "7", #"{"label":7}"#)) }
        for _ in 0..<5 { tally.add(ending(status: 401, variant: nil, "no")) }

        let variants = tally.variants()
        #expect(variants.map(\.name) == ["challenger", "champion", nil])
        #expect(variants.map(\.requests) == [10, 11, 5])
        #expect(variants.map(\.share) == [10.0 / 21, 11.0 / 21, nil])
        #expect(variants.map(\.scored) == [10, 8, 0])
        #expect(variants.map(\.accuracy) == [1, 7.0 / 8, nil])
        #expect(variants.map(\.errors) == [0, 1, 5])
        #expect(variants[1].latency == .init(p50: 100, p90: 100, p99: 100, longest: 100), "an error's time is no latency")
        #expect(variants[2].latency == nil)
        #expect(tally.requests == 26)
        #expect(tally.errors == 6)
    }

    @Test("failures are told apart by variant, status and reason, the most frequent first, with their first answer")
    func failures() {
        var tally = ReplayTally()
        tally.add(ending(status: nil, variant: nil, failure: "Timeout", "Timeout was reached"))
        #expect(!tally.isAnswered)
        for text in ["one\ntwo", "later"] { tally.add(ending(status: 500, text)) }
        #expect(tally.isAnswered)
        for number in 1...3 { tally.add(ending(status: nil, variant: nil, failure: "Refused", "Refused after \(number) ms")) }
        #expect(
            tally.failureList() == [
                .init(variant: nil, status: nil, count: 3, example: "Refused after 1 ms"),
                .init(variant: "champion", status: 500, count: 2, example: "one two"),
                .init(variant: nil, status: nil, count: 1, example: "Timeout was reached"),
            ])
    }

    @Test("a server that invents variants and errors fills no memory")
    func bounded() {
        var tally = ReplayTally()
        for number in 0..<500 { tally.add(ending(status: 600 + number, variant: "v\(number)", String(repeating: "x", count: 5_000))) }
        #expect(tally.variants().count == Limits.variants + 1)
        #expect(tally.failureList().count == Limits.failureKinds + 1)
        #expect(tally.failureList().first?.count == 500 - Limits.failureKinds)
        #expect(tally.failureList().allSatisfy { $0.example.count <= Limits.exampleCharacters })
        #expect(tally.requests == 500)
    }
}
