import Primitives

/// A fault that is played for practice: what the breakers, retries and dashboards make of it is real.
struct Practice: Equatable {
    enum Kind: UInt8 {
        case none
        /// The variant fails without being asked.
        case abort
        /// The variant answers, and its scores become NaN.
        case nonFinite
        /// The process ends as if the model had crashed.
        case crash
        /// The variant answers later.
        case delay
    }

    var kind = Kind.none
    /// Of a delay.
    var delay: Nanoseconds = 0

    static let none = Practice()
}

extension Practice {
    /// Reads a value of `x-weir-fault`; nil when it is none.
    init?(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        if spells(bytes, count, "abort") {
            self.init(kind: .abort)
        } else if spells(bytes, count, "non-finite") {
            self.init(kind: .nonFinite)
        } else if spells(bytes, count, "crash") {
            self.init(kind: .crash)
        } else {
            guard count > 6, spells(bytes, 6, "delay="), let milliseconds = wholeNumber(bytes + 6, count - 6),
                milliseconds <= GatewayLimits.practiceMilliseconds
            else { return nil }
            self.init(kind: .delay, delay: .milliseconds(milliseconds))
        }
    }
}

/// A number in decimal digits and nothing else; more than 18 digits are as good as a number beyond every limit. Nil when it is none.
func wholeNumber(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
    guard count > 0 else { return nil }
    var number: UInt64 = 0
    for index in 0..<count {
        let digit = bytes[index] &- 0x30
        guard digit < 10 else { return nil }
        number = index < 18 ? 10 * number + UInt64(digit) : .max
    }
    return number
}
