import Synchronization

/// Names as numbers, so that a reactor can note one without touching a `String`. Grows with the names that plans have had, never shrinks.
final class LogNames: Sendable {
    static let shared = LogNames()

    // The lock protects both directions of the table; taken when a plan is made and when a log line is written, never for a request.
    private let names = Mutex<(numbers: [String: UInt32], texts: [String])>(([:], [""]))

    /// The number of a name; 0 is no name.
    func number(of name: String) -> UInt32 {
        names.withLock { table in
            if let known = table.numbers[name] { return known }
            table.texts.append(name)
            let number = UInt32(table.texts.count - 1)
            table.numbers[name] = number
            return number
        }
    }

    func name(of number: UInt32) -> String {
        names.withLock { $0.texts[Int(number)] }
    }
}
