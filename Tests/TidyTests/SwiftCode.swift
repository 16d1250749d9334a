/// The code of a Swift file: comments and the insides of string literals are blanked, lines and columns stay where they were.
///
/// A scanner, not a parser: interpolations count as part of their string.
struct SwiftCode {
    let lines: [String]

    init(_ text: String) {
        var scanner = Scanner(text)
        lines = scanner.blanked().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private struct Scanner {
        private let input: [UInt8]
        private var output: [UInt8] = []
        private var position = 0

        init(_ text: String) {
            input = Array(text.utf8)
            output.reserveCapacity(input.count)
        }

        mutating func blanked() -> String {
            while position < input.count {
                if starts("//") {
                    blank(while: { !$0.starts("\n") })
                } else if starts("/*") {
                    blankNestedComment()
                } else if let fence = openingFence() {
                    blankString(fence)
                } else {
                    output.append(input[position])
                    position += 1
                }
            }
            return String(decoding: output, as: UTF8.self)
        }

        private func starts(_ text: StaticString) -> Bool {
            text.withUTF8Buffer { input[position...].starts(with: $0) }
        }

        private mutating func blank(_ count: Int = 1) {
            for byte in input[position..<min(position + count, input.count)] { output.append(byte == 0x0A ? byte : 0x20) }
            position = min(position + count, input.count)
        }

        private mutating func blank(while condition: (Scanner) -> Bool) {
            while position < input.count, condition(self) { blank() }
        }

        private mutating func blankNestedComment() {
            var depth = 0
            repeat {
                if starts("/*") {
                    depth += 1
                    blank(2)
                } else if starts("*/") {
                    depth -= 1
                    blank(2)
                } else {
                    blank()
                }
            } while depth > 0 && position < input.count
        }

        /// Number signs and quotes that open a literal here, or nil.
        private func openingFence() -> (signs: Int, quotes: Int)? {
            var signs = 0
            while position + signs < input.count, input[position + signs] == UInt8(ascii: "#") { signs += 1 }
            var quotes = 0
            while quotes < 3, position + signs + quotes < input.count, input[position + signs + quotes] == UInt8(ascii: "\"") { quotes += 1 }
            return quotes == 0 ? nil : (signs, quotes == 3 ? 3 : 1)
        }

        private mutating func blankString(_ fence: (signs: Int, quotes: Int)) {
            let close = Array(repeating: UInt8(ascii: "\""), count: fence.quotes) + Array(repeating: UInt8(ascii: "#"), count: fence.signs)
            blank(fence.signs + fence.quotes)
            while position < input.count, !input[position...].starts(with: close) {
                let escapes = fence.signs == 0 && input[position] == UInt8(ascii: "\\")
                blank(escapes ? 2 : 1)
            }
            blank(close.count)
        }
    }
}
