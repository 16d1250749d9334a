import Testing

@testable import Primitives

@Suite struct InstantTests {
    @Test("time never runs backwards: a later start reads as zero")
    func sinceSaturates() {
        let early = Instant(nanoseconds: 5)
        let late = Instant(nanoseconds: 9)
        #expect(late.since(early) == 4)
        #expect(early.since(late) == 0)
    }

    @Test("advancing past the end of the clock saturates")
    func advanceSaturates() {
        #expect(Instant(nanoseconds: .max - 1).advanced(by: 10) == Instant(nanoseconds: .max))
        #expect(Instant(nanoseconds: 0).advanced(by: .milliseconds(2)).nanoseconds == 2_000_000)
    }
}
