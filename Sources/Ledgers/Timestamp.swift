package import Foundation

/// A point on the wall clock, in milliseconds since 1970-01-01T00:00:00Z. Callers pass it in; the ledger reads no clock.
package struct Timestamp: Comparable, Hashable, Codable, Sendable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The moment of `date`, cut to milliseconds.
    package init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1_000).rounded(.down))
    }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// The moment the wall clock shows now.
    package static var now: Timestamp { Timestamp(Date()) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment `seconds` later; saturates at the ends of the range.
    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        let (product, tooLong) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, tooLate) = milliseconds.addingReportingOverflow(product)
        guard tooLong || tooLate else { return Timestamp(milliseconds: sum) }
        return Timestamp(milliseconds: seconds < 0 ? .min : .max)
    }

    /// ISO 8601 in UTC to the second: `2026-11-22T17:40:12Z`.
    package var description: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}
