import Primitives
import Testing

@testable import RouteFiles

@Suite struct WordsTests {
    @Test(
        "the distance of two words counts slips, a swap as one",
        arguments: [
            ("variants", "varients", 1), ("labels", "lables", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ca", "abc", 3),
            ("same", "same", 0),
        ])
    func distance(left: String, right: String, slips: Int) {
        #expect(Spelling.distance(Array(left), Array(right), atMost: 9) == slips)
        #expect(Spelling.distance(Array(right), Array(left), atMost: 9) == slips)
    }

    @Test("a word is guessed only when it is near")
    func nearest() {
        #expect(Spelling.nearest(to: "maxLength", in: RouteKeys.field) == "max_length")
        #expect(Spelling.nearest(to: "Weight", in: RouteKeys.variant) == "weight")
        #expect(Spelling.nearest(to: "colour", in: RouteKeys.route) == nil)
        #expect(Spelling.nearest(to: String(repeating: "a", count: 100_000), in: RouteKeys.route) == nil)
    }

    @Test(
        "durations need a whole number and a unit",
        arguments: zip(
            ["50ms", "1s", "2m", "3 s", "7us", "400d", "50", "1.5s", "-1s", "s", "", "1sec", "18446744073709551615s"],
            [50_000_000, 1_000_000_000, 120_000_000_000, 3_000_000_000, 7_000, 34_560_000_000_000_000, nil, nil, nil, nil, nil, nil, nil] as [Nanoseconds?]))
    func durations(text: String, nanoseconds: Nanoseconds?) {
        #expect(Quantity.duration(text) == nanoseconds)
    }

    @Test(
        "sizes are bytes, or a multiple of 1000 or 1024",
        arguments: zip(
            ["4096", "256KiB", "1MB", "1 MiB", "2kB", "0", "1mb", "KiB", "0x10", "99999999999GiB"],
            [4_096, 262_144, 1_000_000, 1_048_576, 2_000, 0, nil, nil, nil, nil] as [UInt64?]))
    func sizes(text: String, bytes: UInt64?) {
        #expect(Quantity.size(text) == bytes)
    }

    @Test("quantities are shown in the largest unit that leaves them whole")
    func shown() {
        #expect(Quantity.shown(duration: .milliseconds(1_500)) == "1500ms")
        #expect(Quantity.shown(duration: .seconds(7_200)) == "2h")
        #expect(Quantity.shown(duration: .seconds(172_800)) == "2d")
        #expect(Quantity.shown(duration: 0) == "0ns")
        #expect(Quantity.shown(size: 16 << 20) == "16MiB")
        #expect(Quantity.shown(size: 1_000) == "1000 bytes")
    }

    @Test("somebody's text is shown on one line and not endlessly")
    func shownText() {
        #expect(Spelling.shown("a\nb\u{1B}[31m") == "a?b?[31m")
        #expect(Spelling.shown(String(repeating: "x", count: 200)).count == 80)
        #expect(Spelling.shown(2.0) == "2")
        #expect(Spelling.shown(0.25) == "0.25")
    }
}
