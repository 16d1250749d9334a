import Foundation
import Ledgers
import Logging
import Metrics
import Primitives

@testable import Gateway

/// The route trees (old 90, new 10) in a state folder of its own, and starts of a server that count there.
struct ReportRig {
    static let route = "trees"
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    let folder: TestFolder
    let ledger: Ledger

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        _ = try ledger.reconcile(route: Self.route, fileWeights: [NamedWeight("old", 90), NamedWeight("new", 10)], now: Self.now)
    }

    /// A start of a server with two reactors.
    func start(nonce: UInt64) throws -> Recorder {
        try Recorder(ledger, nonce: nonce, writers: 3, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func move(_ old: Double, _ new: Double) throws {
        let weights = [NamedWeight("old", old), NamedWeight("new", new)]
        _ = try ledger.newRevision(route: Self.route, weights: weights, author: "ana", reason: "a test", now: Self.now)
    }

    /// Counts requests that were assigned to a variant, and answered by it.
    func count(
        _ recorder: Recorder, _ variant: String, revision: UInt32 = 1, _ number: Int, status: StatusCode = .s200, reactor: Int = 0, route: String = route
    ) {
        let cells = recorder.cells.variant(route: route, variant: variant, revision: revision)
        for index in 0..<number {
            let meter = cells.meter(reactor: reactor)
            meter.exposed(status: status, rows: 2)
            meter.answered(
                status: status, reason: .assigned, rows: 2, latency: UInt64(index + 1) * 1_000_000, queue: 10_000, model: 500_000)
        }
        withExtendedLifetime(cells) {}
    }

    func report() throws -> RouteReport { RouteReport(try ReportSource(ledger, route: Self.route, now: Self.now), now: Self.now) }

    func text() throws -> String { try Self.text(of: try report()) }

    /// A report in JSON.
    static func text(of report: RouteReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
