import Admin
import ArgumentParser
import Ledgers

/// `weir history`: who moved the split, when and why.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the splits of a route, newest first: when, who, shares, why.",
        discussion: "The first line is in force. Revisions by 'file' come from a change of the route's file.")

    @OptionGroup var state: StateOptions

    @Argument(help: "The route.")
    var route: String

    @Option(help: "At most that many, from the newest. Default: 20. [WEIR_LIMIT]")
    var limit: Int?

    @Flag(help: "Print a JSON array instead of a table. [WEIR_JSON]")
    var json = false

    func run() throws {
        let limit = try Flags.value(limit, "limit") ?? 20
        guard limit > 0 else { throw ValidationError("--limit: \(limit) is less than 1") }
        let entries = try state.open(ifAbsent: .refuse, now: .now).history(route: route, limit: limit)
        print(try Flags.isSet(json, "json") ? JSONText.of(entries.map(RevisionAnswer.init)) : Self.table(of: entries))
    }

    static func table(of entries: [RevisionEntry]) -> String {
        TextTable.text(
            header: ["revision", "when", "who", "split", "why"],
            rows: entries.map {
                ["\($0.number)", $0.at.description, $0.author, SplitText.shares(of: $0.weights), $0.reason]
            })
    }
}
