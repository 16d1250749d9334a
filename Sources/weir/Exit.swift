import ArgumentParser
import Foundation
import Ledgers

/// How the program ends: 0 done, 1 refused or failed, 64 wrongly called (`EX_USAGE`). An error is one line on standard error.
enum Exit {
    /// Parses the command line, runs the command and ends the process.
    static func run(_ root: any ParsableCommand.Type) -> Never {
        do {
            var command = try root.parseAsRoot()
            do {
                try command.run()
            } catch {
                end(root.exitCode(for: error), error is LedgerError ? "\(error)" : root.message(for: error))
            }
            // A token that did not reach its file is lost: a full disk behind standard output must not pass for success.
            guard fflush(nil) == 0 else { end(.failure, "standard output cannot be written (\(String(cString: strerror(errno))))") }
            exit(EXIT_SUCCESS)
        } catch {
            end(root.exitCode(for: error), message(for: error, of: root))
        }
    }

    /// Ends the process. A text with code 0 is an answer (help, the version) and goes to standard output.
    private static func end(_ code: ExitCode, _ text: String) -> Never {
        if code == .success {
            print(text)
        } else if !text.isEmpty {
            say("weir: " + oneLine(text))
        }
        exit(code.rawValue)
    }

    /// Writes a line to standard error, where it does not get into the way of what a script reads.
    static func say(_ line: String) {
        show(line + "\n")
    }

    /// Writes text to standard error as it is.
    static func show(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// What the parser says; of a mistake also where to read more: its full text ends in "See 'weir split --help' for …".
    private static func message(for error: any Error, of root: any ParsableCommand.Type) -> String {
        let full = root.fullMessage(for: error)
        guard root.exitCode(for: error) != .success else { return full }
        let pointer = full.split(separator: "'").first { $0.hasPrefix("weir ") && $0.hasSuffix("--help") }
        return root.message(for: error) + (pointer.map { "; see '\($0)'" } ?? "")
    }

    /// The text on one line; a list of values, one a line after `- `, becomes one with commas.
    static func oneLine(_ text: String) -> String {
        var result = ""
        var isListing = false
        for line in text.split(whereSeparator: \.isNewline).map({ $0.drop { $0.isWhitespace } }) where !line.isEmpty {
            let isItem = line.hasPrefix("- ")
            result += result.isEmpty ? "" : isItem && isListing ? ", " : " "
            result += isItem ? line.dropFirst(2) : line
            isListing = isItem
        }
        return result
    }
}
