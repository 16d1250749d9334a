import ArgumentParser
import Foundation

/// Flags and the environment variables that stand in for them: `--dry-run` is `WEIR_DRY_RUN`. A flag on the command line wins.
///
/// Read when the command runs, not as default values while it is parsed: a bad variable is then a usage error like a bad flag, and
/// `--help` works whatever the environment holds.
enum Flags {
    /// For the help text of the program.
    static let discussion = """
        Every option can be given by an environment variable instead: WEIR_ and the option's name in capitals, with _ for -, such as \
        WEIR_STATE for --state and WEIR_DRY_RUN=1 for --dry-run. An option on the command line wins; an empty variable counts as unset.

        Exit codes: 0 done, 1 refused or failed, 64 wrongly called.
        """

    /// The variable for a flag: `dry-run` gives `WEIR_DRY_RUN`.
    static func variable(_ flag: String) -> String {
        "WEIR_" + flag.uppercased().replacing("-", with: "_")
    }

    /// The value given on the command line, else the variable's; nil when there is neither.
    ///
    /// - Throws: `ValidationError` when the variable does not read as a `Value`.
    static func value<Value: ExpressibleByArgument>(
        _ given: Value?, _ flag: String, in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Value? {
        if let given { return given }
        guard let text = text(flag, in: environment) else { return nil }
        return try parsed(text, flag)
    }

    /// The values given on the command line, else those of the variable, separated by blanks or commas.
    ///
    /// - Throws: `ValidationError` when one of them does not read as a `Value`.
    static func values<Value: ExpressibleByArgument>(
        _ given: [Value], _ flag: String, in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> [Value] {
        guard given.isEmpty, let text = text(flag, in: environment) else { return given }
        return try text.split { $0 == "," || $0.isWhitespace }.map { try parsed(String($0), flag) }
    }

    /// Whether the flag is on the command line, or its variable says `1`, `true`, `yes` or `on`.
    ///
    /// - Throws: `ValidationError` when the variable says anything else but `0`, `false`, `no` or `off`.
    static func isSet(
        _ given: Bool, _ flag: String, in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Bool {
        guard !given, let text = text(flag, in: environment) else { return given }
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default: throw ValidationError("\(variable(flag)): '\(text)' is neither 1 nor 0")
        }
    }

    /// A value that the command cannot do without.
    ///
    /// - Throws: `ValidationError` that names flag and variable.
    static func required<Value>(_ value: Value?, _ flag: String, _ why: String) throws -> Value {
        guard let value else { throw ValidationError("missing --\(flag) (or \(variable(flag))): \(why)") }
        return value
    }

    private static func text(_ flag: String, in environment: [String: String]) -> String? {
        environment[variable(flag)].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func parsed<Value: ExpressibleByArgument>(_ text: String, _ flag: String) throws -> Value {
        guard let value = Value(argument: text) else {
            throw ValidationError("\(variable(flag)): '\(text)' is not a value for --\(flag)")
        }
        return value
    }
}
