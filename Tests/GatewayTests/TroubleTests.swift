import Primitives
import Testing

@testable import Gateway

struct TroubleTests {
    /// So many seconds after the start.
    private static func at(_ seconds: UInt64) -> Instant { Instant(nanoseconds: 0).advanced(by: .seconds(seconds)) }

    @Test("a trouble is told once, and its end once")
    func once() {
        var trouble = Trouble()
        let before = trouble.succeeded(now: Self.at(1))
        let begins = (2..<60).filter { trouble.failed("full", now: Self.at($0)) }
        let ends = (60..<90).filter { trouble.succeeded(now: Self.at($0)) }
        let again = trouble.failed("full", now: Self.at(90))
        #expect(!before && begins == [2] && ends == [69] && again)
    }

    @Test("one that comes and goes is one, and over only after some calm")
    func flapping() {
        var trouble = Trouble()
        var lines = 0
        for second in stride(from: UInt64(0), to: 100, by: 2) {
            lines += trouble.failed("full", now: Self.at(second)) ? 1 : 0
            lines += trouble.succeeded(now: Self.at(second + 1)) ? 1 : 0
        }
        #expect(lines == 1)
        let ends = (99..<120).filter { trouble.succeeded(now: Self.at($0)) }
        #expect(ends == [108])
    }

    @Test("another reason is told, but two in turn do not flood the log")
    func reasons() {
        var trouble = Trouble()
        let told = (0..<30).filter { trouble.failed($0 % 2 == 0 ? "full" : "locked", now: Self.at($0)) }
        #expect(told == [0, 11, 22])
    }
}
