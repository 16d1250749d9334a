import Testing

@testable import Ledgers

@Suite struct TimestampTests {
    @Test("text is ISO 8601 in UTC")
    func text() {
        #expect(Timestamp.noon.description == "2026-11-22T12:00:00Z")
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00Z")
    }

    @Test("advancing adds seconds and saturates at both ends")
    func advanced() {
        #expect(Timestamp(milliseconds: 5).advanced(bySeconds: 2) == Timestamp(milliseconds: 2_005))
        #expect(Timestamp(milliseconds: 5).advanced(bySeconds: .max).milliseconds == .max)
        #expect(Timestamp(milliseconds: -5).advanced(bySeconds: .min).milliseconds == .min)
    }
}
