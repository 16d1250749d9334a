import Ledgers

/// One value of an exported row.
enum ExportCell: Equatable {
    case null
    case text(String)
    /// Digits as they are written in JSON.
    case number(String)
    /// A whole JSON value.
    case json(String)
    case flag(Bool)

    init(text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    init(json: String?) {
        self = json.map { .json($0) } ?? .null
    }

    init(number: (some BinaryInteger)?) {
        self = number.map { .number("\($0)") } ?? .null
    }

    /// A fixed-point number with six places, exactly: 1500000 is `1.5`.
    init(millionths: Int64?) {
        guard let millionths else {
            self = .null
            return
        }
        let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(repeating: "0", count: 6 - "\(rest)".utf8.count) + "\(rest)"
        let places = rest == 0 ? "" : "." + String(digits.reversed().drop { $0 == "0" }.reversed())
        self = .number((millionths < 0 ? "-" : "") + "\(whole)" + places)
    }

    /// A list of numbers; those that are not finite are null, as JSON has no word for them.
    init(scores: [Float]) {
        self = .json("[" + scores.map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ",") + "]")
    }

    /// The sixteen digits of a hash. Not a number: programs that read numbers as doubles would confuse units.
    init(hash: UInt64?) {
        self.init(
            text: hash.map {
                let digits = String($0, radix: 16)
                return String(repeating: "0", count: 16 - digits.utf8.count) + digits
            })
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T17:40:12.345Z`.
    ///
    /// The date is computed as in Howard Hinnant's "chrono-compatible low-level date algorithms"; Foundation's formatter takes some
    /// microseconds, a third of the time of a row.
    init(time: Timestamp?) {
        guard let time else {
            self = .null
            return
        }
        let (days, rest) = time.milliseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000)
        // Days since 0000-03-01, in eras of 400 years.
        let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let (day, month) = (dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let (hour, minute, second, millisecond) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60, rest % 1_000)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        self = .text("\(date)T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(millisecond, 3))Z")
    }
}

/// A number from 0 up with at least that many digits.
private func padded(_ number: Int64, _ digits: Int) -> String {
    let text = "\(number)"
    return text.utf8.count >= digits ? text : String(repeating: "0", count: digits - text.utf8.count) + text
}

extension Int64 {
    /// Quotient rounded down, and the remainder from 0 up.
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
