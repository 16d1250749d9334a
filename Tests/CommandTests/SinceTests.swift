import Ledgers
import Testing

@testable import weir

@Suite struct SinceTests {
    /// 2026-11-22T12:00:00Z
    private static let now = Timestamp(milliseconds: 1_795_348_800_000)

    @Test(
        "spans go back from now; days and moments are themselves",
        arguments: [
            ("30m", "2026-11-22T11:30:00.000Z"), ("2h", "2026-11-22T10:00:00.000Z"), ("7d", "2026-11-15T12:00:00.000Z"),
            ("4w", "2026-10-25T12:00:00.000Z"), ("2026-11-20", "2026-11-20T00:00:00.000Z"), ("2026-11-20T18:00:05Z", "2026-11-20T18:00:05.000Z"),
            ("2026-11-20T18:00:05.25Z", "2026-11-20T18:00:05.250Z"), ("2026-11-20T18:00:05.123999Z", "2026-11-20T18:00:05.123Z"),
            ("2026-11-20T18:00:05+01:30", "2026-11-20T16:30:05.000Z"), ("2026-12-31T23:30:00.5-01:00", "2027-01-01T00:30:00.500Z"),
        ])
    func moments(text: String, moment: String) throws {
        #expect(ExportCell(time: try #require(Since(argument: text)).moment(from: Self.now)) == .text(moment))
    }

    @Test(
        "anything else is refused",
        arguments: ["", "2", "h", "-2h", "2026-02-30", "2026-11-20T25:00:00Z", "2026-11-20T18:00:00", "2026-11-20T18:00:00+25:00", "2026-11-20T18:00:00.Z"])
    func refuses(text: String) {
        #expect(Since(argument: text) == nil)
    }
}
