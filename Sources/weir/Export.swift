import ArgumentParser
import Foundation
import Ledgers

/// `weir export`: logged predictions or outcomes of a route, for other programs.
struct Export: ParsableCommand {
    /// What can be exported.
    enum Table: String, ExpressibleByArgument, CaseIterable {
        case predictions, outcomes
    }

    static let configuration = CommandConfiguration(
        abstract: "Write the logged predictions or the outcomes of a route as NDJSON or CSV.",
        discussion: """
            weir export predictions --route video-category --since 2h > recent.ndjson
            weir export outcomes --route video-category --since 2026-11-20 --format csv --output outcomes.csv

            Predictions are the sampled ones, by the time of their answer; outcomes are all, by the time of their arrival. Both carry the \
            prediction's key: the 18 characters from the 49th of its id, and one more. Rows are read in small pages beside a running \
            server; any number of them takes the same memory. A file gets its name once it is complete.
            """)

    @OptionGroup var state: StateOptions

    @Argument(help: "predictions or outcomes.")
    var table: Table

    @Option(help: "The route. Required. [WEIR_ROUTE]")
    var route: String?

    @Option(
        help: ArgumentHelp(
            "The first moment: 30m, 2h, 7d or 4w ago, 2026-11-20 (as that day begins in UTC) or 2026-11-20T18:00:00Z. Default: as far back as is "
                + "kept. [WEIR_SINCE]", valueName: "when"))
    var since: Since?

    @Option(help: ArgumentHelp("The moment before which it ends, written like --since. Default: now. [WEIR_UNTIL]", valueName: "when"))
    var until: Since?

    @Option(help: "ndjson or csv. Default: ndjson. [WEIR_FORMAT]")
    var format: ExportFormat?

    @Option(help: ArgumentHelp("The file to write, with mode 0600. Default: standard output. [WEIR_OUTPUT]", valueName: "file"))
    var output: String?

    @Option(help: "At most that many rows, from the oldest. Default: all. [WEIR_LIMIT]")
    var limit: Int?

    func run() throws {
        let now = Timestamp.now
        let route = try Flags.required(Flags.value(route, "route"), "route", "whose rows to export")
        let limit = try Flags.value(limit, "limit") ?? .max
        guard limit > 0 else { throw ValidationError("--limit: \(limit) is less than 1") }
        let since = try Flags.value(since, "since")?.moment(from: now) ?? Timestamp(milliseconds: 0)
        let until = try Flags.value(until, "until")?.moment(from: now) ?? now
        guard since < until else { throw ValidationError("--since: \(since) is not before --until, which is \(until)") }
        let format = try Flags.value(format, "format") ?? .ndjson
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        let known = try ledger.routes()
        guard known.contains(route) else { throw LedgerError.unknownRoute(route: route, known: known) }
        // A reader that goes away is an error of the next write, not a signal that ends the program.
        signal(SIGPIPE, SIG_IGN)
        let sink = try ExportSink(path: Flags.value(output, "output"))
        do {
            switch table {
            case .predictions:
                var reader = PredictionReader(ledger, route: route, since: since, until: until)
                try write(ExportColumns.predictions, format, limit, to: sink) { try reader.next()?.map(ExportColumns.cells) }
            case .outcomes:
                var reader = ExportedOutcomeReader(ledger, route: route, since: since, until: until)
                try write(ExportColumns.outcomes, format, limit, to: sink) { try reader.next()?.map(ExportColumns.cells) }
            }
        } catch is ExportSink.ReaderGone {
            return
        }
    }

    /// Writes the rows of all pages, until there is none or `limit` is reached.
    private func write(
        _ columns: [String], _ format: ExportFormat, _ limit: Int, to sink: ExportSink, next: () throws -> [[ExportCell]]?
    ) throws {
        var progress = ExportProgress()
        try sink.write(format.head(columns))
        while progress.rows < limit, let page = try next() {
            let rows = page.prefix(limit - progress.rows)
            for row in rows { try sink.write(format.row(columns, row)) }
            if let text = progress.count(rows.count) { Exit.show(text) }
        }
        try sink.finish()
        Exit.show(progress.ending())
    }
}
