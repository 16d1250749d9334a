import Synchronization

/// Fields of log lines as numbers, so that a reactor can note a route or a variant without touching a `String`. Grows with the names that plans
/// have had, never shrinks.
final class LogNames: Sendable {
    static let shared = LogNames()

    // The lock protects both directions of the table; taken when a plan is made and when the log meets a new number, never for a request.
    private let fields = Mutex<(numbers: [String: UInt32], texts: [String])>(([:], [""]))

    /// The number of a route's fields. The path is the one of the route file: what a client asked for is never logged.
    func number(ofRoute name: String, path: String) -> UInt32 {
        number(of: ",\"url.path\":\(ErrorText.quoted(path)),\"weir.route\":\(ErrorText.quoted(name))")
    }

    /// The number of a variant's field.
    func number(ofVariant name: String) -> UInt32 {
        number(of: ",\"weir.variant\":\(ErrorText.quoted(name))")
    }

    /// The fields with this number and all above it, each as JSON with a comma before it; 0 is no field.
    func fields(from number: Int) -> [String] {
        fields.withLock { Array($0.texts[min(number, $0.texts.count)...]) }
    }

    private func number(of text: String) -> UInt32 {
        fields.withLock { table in
            if let known = table.numbers[text] { return known }
            table.texts.append(text)
            let number = UInt32(table.texts.count - 1)
            table.numbers[text] = number
            return number
        }
    }
}
