import ArgumentParser
import Ledgers

/// A moment that has been: some time ago, or a point in time.
enum Since: ExpressibleByArgument, Equatable {
    /// That many seconds before now.
    case ago(seconds: Int64)
    case at(Timestamp)

    /// Reads `30m`, `2h`, `7d`, `4w`, `2026-11-20` (00:00 UTC), and RFC 3339 moments: `2026-11-20T18:00:00Z`, `2026-11-20T18:00:00.250+01:00`.
    init?(argument: String) {
        switch Expiry(argument: argument) {
        case .after(let seconds): self = .ago(seconds: seconds)
        case .at(let moment): self = .at(moment)
        case nil:
            guard let moment = Self.moment(argument) else { return nil }
            self = .at(moment)
        }
    }

    /// The moment that is meant, counted back from `now`.
    func moment(from now: Timestamp) -> Timestamp {
        switch self {
        case .ago(let seconds): now.advanced(bySeconds: -seconds)
        case .at(let moment): moment
        }
    }

    /// A moment with a fraction of a second (cut to milliseconds) or a distance from UTC.
    private static func moment(_ text: String) -> Timestamp? {
        guard let parts = text.wholeMatch(of: /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))/),
            case .at(let start) = Expiry(argument: parts.1 + "Z")
        else { return nil }
        let fraction = ((parts.2.map { String($0.dropFirst()) } ?? "") + "000").prefix(3)
        let minutes = (parts.4.flatMap { Int64($0) } ?? 0) * 60 + (parts.5.flatMap { Int64($0) } ?? 0)
        let utc = start.advanced(bySeconds: (parts.3 == "-" ? minutes : -minutes) * 60)
        return Timestamp(milliseconds: utc.milliseconds + (Int64(fraction) ?? 0))
    }
}
