package import Primitives

/// Numbers with a unit, as files and flags write them.
package enum Quantity {
    private static let durationUnits: [(String, Nanoseconds)] = [
        ("ns", 1), ("us", .microseconds(1)), ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3_600)),
        ("d", .seconds(86_400)),
    ]
    private static let sizeUnits: [(String, UInt64)] = [
        ("", 1), ("B", 1), ("kB", 1_000), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ]

    /// Nanoseconds of `50ms`, `1s`, `2m` or `30d`: a whole number and a unit; nil for anything else, or past the end of the clock.
    package static func duration(_ text: String) -> Nanoseconds? {
        scaled(text, by: durationUnits)
    }

    /// Bytes of `4096`, `256KiB` (1024) or `1MB` (1000 · 1000); nil for anything else.
    package static func size(_ text: String) -> UInt64? {
        scaled(text, by: sizeUnits)
    }

    private static func scaled(_ text: String, by units: [(String, UInt64)]) -> UInt64? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = UInt64(digits), let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// A duration in the largest unit that leaves it whole.
    package static func shown(duration: Nanoseconds) -> String {
        let unit = durationUnits.last { duration % $0.1 == 0 && duration >= $0.1 }
        return unit.map { "\(duration / $0.1)\($0.0)" } ?? "\(duration)ns"
    }

    /// A size in the largest binary unit that leaves it whole.
    package static func shown(size: UInt64) -> String {
        let unit = sizeUnits.suffix(3).last { size % $0.1 == 0 && size >= $0.1 }
        return unit.map { "\(size / $0.1)\($0.0)" } ?? "\(size) bytes"
    }
}
