import ArgumentParser
import Foundation
import Ledgers

/// When a token ends: after a time, or at a moment.
enum Expiry: ExpressibleByArgument, Equatable {
    /// That many seconds from now.
    case after(seconds: Int64)
    case at(Timestamp)

    /// Reads `30m`, `12h`, `90d`, `4w`, `2027-01-31` (00:00 UTC) or `2027-01-31T18:00:00Z`.
    init?(argument: String) {
        if let seconds = Self.seconds(argument) {
            self = .after(seconds: seconds)
        } else if let moment = Self.moment(argument) {
            self = .at(moment)
        } else {
            return nil
        }
    }

    /// The moment that is meant, counted from `now`.
    func moment(from now: Timestamp) -> Timestamp {
        switch self {
        case .after(let seconds): now.advanced(bySeconds: seconds)
        case .at(let moment): moment
        }
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0 else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }

    private static func moment(_ text: String) -> Timestamp? {
        // The parser is lenient (it takes 30 February); what it read must print as what was given.
        if let day = try? Date(text, strategy: .iso8601.year().month().day()), day.formatted(.iso8601.year().month().day()) == text {
            return Timestamp(day)
        }
        guard let time = try? Date(text, strategy: .iso8601), time.formatted(.iso8601) == text else { return nil }
        return Timestamp(time)
    }
}
