import Ledgers
import Testing

@testable import weir

@Suite struct ExpiryTests {
    /// 2026-11-22T12:00:00Z
    private static let now = Timestamp(milliseconds: 1_795_348_800_000)

    @Test(
        "spans and dates become moments",
        arguments: [
            ("30m", "2026-11-22T12:30:00Z"), ("12h", "2026-11-23T00:00:00Z"), ("90d", "2027-02-20T12:00:00Z"),
            ("4w", "2026-12-20T12:00:00Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"), ("2028-02-29", "2028-02-29T00:00:00Z"),
            ("2027-01-31T18:00:05Z", "2027-01-31T18:00:05Z"),
        ])
    func moments(text: String, moment: String) throws {
        #expect(try #require(Expiry(argument: text)).moment(from: Self.now).description == moment)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "d", "0d", "-3d", "90", "90x", "1.5h", "2027-02-30", "2027-2-3", "31.01.2027", "2027-01-31T25:00:00Z", "tomorrow",
            "9223372036854775807w",
        ])
    func refused(text: String) {
        #expect(Expiry(argument: text) == nil)
    }
}
