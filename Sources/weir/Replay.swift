internal import ArgumentParser
private import Foundation
private import Replays

/// `weir replay`: rows of a file through a running gateway, and what came back per variant.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send the rows of a file through a running gateway and compare the variants that answer.",
        discussion: """
            Every row of every pass goes out under a new unit, so each is assigned to a variant afresh. Rows that have a label are scored \
            against the label of the answer. The exit status is 0 if any request got an answer of status 200, and all outcomes were taken.

            Latency counts from when a row went out until its answer was complete; with --rate from when the row was due, so that waiting \
            for a gateway that falls behind is not hidden. The first request of each connection is left out of it.

            With --outcome, what turned out goes back to /v1/outcomes at the same address, up to a thousand at once and a second after \
            the answer at the latest. The token needs the scope outcome. These requests are no part of the latencies. While the gateway \
            cannot store them (503) they are sent again a few times.
            """)

    @Argument(help: "The rows: CSV with a header line if the name ends in .csv, otherwise one JSON object a line.")
    var rows: String

    @Option(help: "The route's address, for instance https://localhost:8443/v1/video-category. Default: WEIR_URL.")
    var url: String?

    @Option(help: "The bearer token. Default: WEIR_TOKEN, which keeps it out of the list of processes.")
    var token: String?

    @Option(help: "Rows a second, sent when due whatever the answers do. Default: the next row as soon as an answer makes room.")
    var rate: Double?

    @Option(help: "Connections.")
    var connections = 4

    @Option(help: "Requests in flight on each connection.")
    var streams = 8

    @Option(name: .customLong("repeat"), help: "Times that all rows are sent.")
    var passes = 1

    @Option(help: "PEM file of the certificate authority to trust instead of the system's. Default: WEIR_CA.")
    var ca: String?

    @Option(help: "The header field that carries the unit.")
    var unitHeader = "x-user-id"

    @Option(help: "The member or column that holds the true label. It is not sent.")
    var label = "label"

    @Option(
        name: .customLong("outcome"),
        help: ArgumentHelp(
            "Report this outcome for every row with a label: 1 if the answer was right, else 0; NAME=label reports the label. Repeatable.",
            valueName: "name"))
    var outcomes: [String] = []

    @Flag(help: "Print the report as JSON; durations are in microseconds.")
    var json = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let url = url ?? environment["WEIR_URL"] else { throw ValidationError("--url or WEIR_URL must say where to send the rows.") }
        guard let token = token ?? environment["WEIR_TOKEN"] else { throw ValidationError("--token or WEIR_TOKEN must hold a token.") }
        var options = ReplayOptions(rows: rows, url: url, token: token)
        options.rate = rate
        options.connections = connections
        options.streams = streams
        options.passes = passes
        options.authority = ca ?? environment["WEIR_CA"]
        options.unitHeader = unitHeader
        options.label = label
        options.outcomes = outcomes

        let report = try replay(options)
        print(json ? try encoded(report) : report.table(), terminator: "")
        if report.errors == report.requests || report.outcomes?.failures.isEmpty == false { throw ExitCode.failure }
    }

    private func encoded(_ report: ReplayReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }
}
