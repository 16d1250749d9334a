import ArgumentParser
import Gateway
import Ledgers

/// `weir report`: what each variant did.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what each variant of a route did: exposures, answers, latency, outcomes.",
        discussion: """
            weir report video-category

            Reads the counters and the ledger of the state folder, with or without a running server, and changes nothing. An exposure is a \
            request that the split assigned to the variant. Expected are the exposures that the weights of each revision let expect. \
            Outcomes are of predictions whose window is over. Where breakers stand and models run is there while a server runs. \
            What shadows answered beside the variants stands apart. The figures are facts, no verdict: a difference may be chance.

            --json prints what GET /api/v1/routes/ROUTE/report answers.
            """)

    @OptionGroup var state: StateOptions

    @Argument(help: "The route.")
    var route: String

    @Flag(help: "Print JSON instead of tables. [WEIR_JSON]")
    var json = false

    func run() throws {
        let now = Timestamp.now
        let source = try ReportSource(state.open(ifAbsent: .refuse, now: now), route: route, now: now)
        let serving = ServingFile.read(try state.folder(), now: now)?.route(named: route)
        let report = RouteReport(source, serving: serving, now: now)
        print(try Flags.isSet(json, "json") ? JSONText.of(report) : ReportText.text(of: report))
    }
}
