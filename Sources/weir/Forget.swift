import ArgumentParser
import Foundation
import Ledgers

/// `weir forget`: erases what is stored about a unit.
struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erase what a route stores about a unit: a user, a session, a device.",
        discussion: """
            weir forget --route video-category --unit u-17 --why "asked to be forgotten"

            Deletes the unit's logged predictions and examples of shadows. Its outcomes lose prediction, unit and true label; variant, \
            value, times and one of 256 buckets stay, for the sums stand on them. The audit says how many and why, and not who. Backups, \
            access logs and exported files are not touched, and a unit that comes back is recorded anew.

            The unit is what the request carried, byte for byte. --unit-stdin keeps it out of the list of processes and the shell's history.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Option(help: "The route. Required. [WEIR_ROUTE]")
    var route: String?

    @Option(help: "The unit. [WEIR_UNIT]")
    var unit: String?

    @Flag(help: "Read the unit from the first line of standard input. [WEIR_UNIT_STDIN]")
    var unitStdin = false

    @Option(help: ArgumentHelp("Why, for those who read the audit. Required. [WEIR_WHY]", valueName: "reason"))
    var why: String?

    /// Milliseconds until what a server had in memory is in the ledger: it writes records every second.
    private static let settlingMilliseconds: Int32 = 2_000

    func run() throws {
        let route = try Flags.required(Flags.value(route, "route"), "route", "which route shall forget")
        let reason = try Flags.required(Flags.value(why, "why"), "why", "the reason, for those who read the audit")
        let unit = try givenUnit()
        if unit.utf8.count > 2, reason.contains(unit) {
            throw Refusal("--why holds the unit, and the audit keeps the reason for ever; give one without it")
        }
        let ledger = try state.open(ifAbsent: .refuse, now: .now)
        let hash = try ledger.unitHash(of: Array(unit.utf8))
        var report = try ledger.forget(route: route, unit: hash, author: author.name(), reason: reason, now: .now)
        if ledger.folder.isServed {
            Exit.say("a server runs: once more in 2 s, for what it had in memory")
            poll(nil, 0, Self.settlingMilliseconds)
            report = try report + ledger.forget(route: route, unit: hash, author: author.name(), reason: reason, again: true, now: .now)
        }
        let isEmptied = try ledger.emptyLog()
        print(Self.text(report, route: route))
        guard isEmptied else {
            throw Refusal("SQLite's log still holds old pages, for somebody was reading all the time; run this again to empty it")
        }
    }

    /// What was done, for a person.
    static func text(_ report: ForgetReport, route: String) -> String {
        if report.isEmpty { return "\(route): nothing is stored about this unit" }
        let predictions = "\(report.predictions) logged prediction\(report.predictions == 1 ? "" : "s")"
        let examples = report.examples > 0 ? " and \(report.examples) example\(report.examples == 1 ? "" : "s") of shadows" : ""
        return "\(route): \(predictions)\(examples) deleted, \(report.outcomes) outcome\(report.outcomes == 1 ? "" : "s") made anonymous"
    }

    private func givenUnit() throws -> String {
        let unit = try Flags.value(unit, "unit")
        guard try Flags.isSet(unitStdin, "unit-stdin") else {
            let unit = try Flags.required(unit, "unit", "who shall be forgotten; or --unit-stdin")
            guard !unit.isEmpty else { throw ValidationError("--unit: is empty") }
            return unit
        }
        guard unit == nil else { throw ValidationError("--unit and --unit-stdin: give one of them") }
        guard let line = readLine(), !line.isEmpty else { throw ValidationError("--unit-stdin: standard input has no first line") }
        return line
    }
}
