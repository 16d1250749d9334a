import Testing

@testable import Breakers

@Suite("A breaker's word")
struct BreakerWordTests {
    @Test("holds each of its parts apart from the others")
    func parts() {
        var word = BreakerWord.clear
        word.state = .probing
        word.isRamping = true
        word.isLeased = true
        word.isSlow = true
        word.trips = 15
        word.successes = 15
        word.generation = 8191
        word.instant = BreakerWord.lastInstant
        #expect(word.bits == UInt64.max - 1)
        word.generation = 0
        #expect(word.instant == BreakerWord.lastInstant && word.successes == 15 && word.trips == 15 && word.state == .probing)
    }
}
