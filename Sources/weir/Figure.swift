import Foundation

/// Numbers as a person reads them.
enum Figure {
    /// `1,234,567`
    static func count(_ number: UInt64) -> String { grouped("\(number)") }

    /// With thousands separated and so many places: `1,234.5`.
    static func decimal(_ value: Double, places: Int) -> String {
        let text = String(format: "%.\(places)f", value)
        let parts = text.split(separator: ".", maxSplits: 1)
        return grouped(String(parts[0])) + parts.dropFirst().map { "." + $0 }.joined()
    }

    /// Four significant digits at least for small numbers, none behind the point for large ones: `0.1234`, `12.35`, `12,346`.
    static func significant(_ value: Double) -> String {
        switch value.magnitude {
        case ..<10: decimal(value, places: 4)
        case ..<1_000: decimal(value, places: 2)
        default: decimal(value, places: 0)
        }
    }

    /// A difference of any size, with three significant digits: `0`, `2e-09`, `0.0131`, `3.1e+06`.
    static func difference(_ value: Double) -> String { String(format: "%.3g", value) }

    /// Milliseconds to a microsecond below ten, else to what matters: `0.042`, `12.3`, `1,204`.
    static func milliseconds(_ value: Double) -> String {
        switch value {
        case ..<10: decimal(value, places: 3)
        case ..<1_000: decimal(value, places: 1)
        default: decimal(value, places: 0)
        }
    }

    /// In the largest unit that goes: `7 d`, `90 s`.
    static func duration(seconds: Double) -> String {
        for (unit, length) in [("d", 86_400.0), ("h", 3_600), ("min", 60)] where seconds >= length && seconds.remainder(dividingBy: length) == 0 {
            return "\(SplitText.number(seconds / length)) \(unit)"
        }
        return "\(SplitText.number(seconds)) s"
    }

    /// A whole number's digits, with a comma before every third from the right.
    private static func grouped(_ digits: String) -> String {
        let (sign, rest) = digits.first == "-" ? ("-", digits.dropFirst()) : ("", digits[...])
        var result = ""
        for (index, digit) in rest.enumerated() {
            if index > 0, (rest.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return sign + result
    }
}
