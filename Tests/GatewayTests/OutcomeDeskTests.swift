import Contracts
import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Routing
import Testing

@testable import Gateway

/// A desk with a ledger of its own, its thread running; reactors 0 and 1 are mailboxes that the test reads.
private final class DeskRig {
    let folder: TestFolder
    let ledger: Ledger
    let desk: OutcomeDesk
    let state: ServerState
    let lines = LogCollector()
    private var thread: Thread.Handle?
    private var received: [(reactor: Int, exchange: UInt, reply: OutcomeReply)] = []

    /// - Parameter patience: seconds that the desk's connection waits for another writer.
    init(patience: Double = 5) throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        // Declarations 1 to 10, as OutcomeRig has them.
        for number: Int64 in 1...10 {
            let rules = [OutcomeRig.correct, OutcomeRig.minutes, OutcomeRig.free, OutcomeRig.category]
            _ = try ledger.declare(route: "trees", outcomes: rules, sliceMilliseconds: 1_000 + number, now: .now)
        }
        desk = try OutcomeDesk()
        let plan = try Plan(
            generation: 1, parts: [], tokens: [], predictionKey: OutcomeRig.key, unitKey: SipHash.Key(low: 3, high: 4), hashSeed: 5,
            outcomes: OutcomeRig.rules())
        state = ServerState(
            plan: plan, mailboxes: [try Mailbox(), try Mailbox()], controlMailbox: try Mailbox(), cells: CellRegistry(reactors: 1),
            limits: GatewayLimits(), controlHandler: { _ in .fault(404, "", "") }, bell: try Mailbox(), outcomes: desk)
        connection = try Ledger(folder.ledger().folder, busyTimeout: patience, now: .now)
    }

    private let connection: Ledger

    func start() throws {
        let lines = lines
        thread = try desk.start(connection, state, Logger(label: "tests") { _ in lines })
    }

    /// Ends the thread, which stores what waits before.
    func finish() {
        desk.stop()
        thread?.join()
        thread = nil
    }

    deinit { finish() }

    /// Waits for the answer to an exchange, however long the ledger takes.
    func reply(_ exchange: UInt) throws -> (reactor: Int, status: Int, json: [String: Any]) {
        let poller = try Poller()
        for (number, mailbox) in state.mailboxes.enumerated() { _ = poller.add(mailbox.number, .read, token: UInt64(number)) }
        while true {
            for (reactor, mailbox) in state.mailboxes.enumerated() {
                for case .outcomes(let address, let reply, _) in mailbox.take() { received.append((reactor, address, reply)) }
            }
            if let found = received.first(where: { $0.exchange == exchange }) {
                return (found.reactor, found.reply.status, try Rig.json(found.reply.body))
            }
            _ = poller.wait(timeout: .seconds(10))
        }
    }

    func outcomes(_ job: OutcomeJob) throws -> [String] {
        #expect(desk.submit(job))
        let reply = try reply(job.exchange)
        #expect(reply.status == 200, "\(reply.json)")
        return try #require(reply.json["outcomes"] as? [String] ?? (reply.json["outcome"] as? String).map { [$0] })
    }

    func stored() throws -> [ExportedOutcome] {
        var reader = ExportedOutcomeReader(ledger, route: "trees", since: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: .max))
        var rows: [ExportedOutcome] = []
        while let page = try reader.next() { rows += page }
        return rows
    }
}

@Suite("outcomes between reactors and ledger", .timeLimit(.minutes(1))) struct OutcomeDeskTests {
    private let rig: DeskRig

    init() throws { rig = try DeskRig(patience: 0.05) }

    private func text(_ sequence: UInt64) -> String { OutcomeRig.text(OutcomeRig.id(sequence)) }

    @Test("one outcome is answered by a word, a list by a list in its order; what is answered is in the ledger")
    func answers() throws {
        try rig.start()
        #expect(try rig.outcomes(OutcomeRig.job(OutcomeRig.item(text(1)))) == ["recorded"])
        #expect(try rig.stored().count == 1)
        let items = [
            OutcomeRig.item(text(1), "correct", "0"), OutcomeRig.item(text(2)), OutcomeRig.item("nobody's"),
            OutcomeRig.item(text(2), "fun"),
            OutcomeRig.item(text(3), "correct", "7"), OutcomeRig.item(text(1), "correct", "0", more: #","replace":true"#),
            OutcomeRig.item(OutcomeRig.text(OutcomeRig.id(4, time: OutcomeRig.noon - 40_000))),
            OutcomeRig.item(text(2), "category", #""oak""#),
        ]
        let wanted = ["duplicate", "recorded", "forged", "unknown-name", "bad-value", "replaced", "late", "recorded"]
        #expect(try rig.outcomes(OutcomeRig.job("[" + items.joined(separator: ",") + "]", exchange: 2)) == wanted)
        #expect(try rig.outcomes(OutcomeRig.job(items.joined(separator: "\n"), exchange: 3)).count == 8, "NDJSON by its form")
        #expect(try rig.outcomes(OutcomeRig.job(OutcomeRig.item(text(9)), exchange: 4, isLines: true)) == ["recorded"])
        let rows = try rig.stored()
        #expect(rows.count == 5 && rows.first { $0.name == "correct" }?.value == 0, "the replaced one")
        #expect(rows.filter { $0.state == "late" }.count == 1)
        #expect(try rig.outcomes(OutcomeRig.job(OutcomeRig.item(text(1)), exchange: 5, route: "lakes")) == ["forbidden"])
    }

    @Test("the answer goes to the reactor and the exchange that wait for it")
    func mailboxes() throws {
        try rig.start()
        for exchange: UInt in 1...6 {
            let job = OutcomeRig.job(OutcomeRig.item(text(UInt64(exchange))), exchange: exchange, reactor: Int(exchange % 2))
            #expect(rig.desk.submit(job))
        }
        for exchange: UInt in 1...6 { #expect(try rig.reply(exchange).reactor == Int(exchange % 2)) }
    }

    @Test("bodies that wait together are committed together, and each gets its own results")
    func groupCommit() throws {
        for exchange: UInt in 1...20 {
            let items = (0..<UInt64(exchange)).map { OutcomeRig.item(text(UInt64(exchange) * 100 + $0)) } + [OutcomeRig.item("x")]
            #expect(rig.desk.submit(OutcomeRig.job("[\(items.joined(separator: ","))]", exchange: exchange)))
        }
        #expect(rig.desk.waiting == 20 && rig.desk.drained(now: .max) == OutcomeRig.noon + 1_000)
        try rig.start()
        for exchange: UInt in 1...20 {
            let reply = try rig.reply(exchange)
            let wanted = [String](repeating: "recorded", count: Int(exchange)) + ["forged"]
            #expect(reply.status == 200 && reply.json["outcomes"] as? [String] == wanted)
        }
        rig.finish()
        #expect(rig.desk.counted.commits == 1, "one fsync for twenty clients")
        #expect(rig.desk.waiting == 0 && rig.desk.drained(now: .max) == .max)
        #expect(try rig.stored().count == 210)
    }

    @Test("a body that cannot be read is refused as a whole, and the others of its group are not")
    func malformed() throws {
        let good = OutcomeRig.item(text(1))
        #expect(rig.desk.submit(OutcomeRig.job("[\(good),{\"prediction\":1}]", exchange: 1)))
        #expect(rig.desk.submit(OutcomeRig.job(good, exchange: 2)))
        #expect(rig.desk.submit(OutcomeRig.job("[]", exchange: 3)))
        try rig.start()
        let bad = try rig.reply(1)
        #expect(bad.status == 400 && bad.json["code"] as? String == "wrong-type")
        #expect(bad.json["field"] as? String == "prediction" && bad.json["row"] as? Int == 1)
        #expect(try rig.reply(2).json["outcome"] as? String == "recorded")
        #expect(try rig.reply(3).json["code"] as? String == "no-rows")
        #expect(try rig.stored().count == 1)
    }

    @Test("a locked ledger: nothing is stored, clients are told to come back, the log says it once, and all goes on by itself")
    func locked() throws {
        let holder = try LockedLedger(rig.ledger.folder.ledgerPath)
        try rig.start()
        for exchange: UInt in 1...3 {
            #expect(rig.desk.submit(OutcomeRig.job("[\(OutcomeRig.item(text(1))),\(OutcomeRig.item("x"))]", exchange: exchange)))
            let reply = try rig.reply(exchange)
            #expect(reply.status == 503 && reply.json["code"] as? String == "ledger-locked")
        }
        #expect(rig.desk.submit(OutcomeRig.job(OutcomeRig.item("x"), exchange: 4)))
        #expect(try rig.reply(4).json["outcome"] as? String == "forged", "what needs no ledger is answered")
        let counted = rig.desk.counted
        #expect(counted.refused == [.locked: 3] && counted.commits == 0 && !counted.isLedgerUp)
        holder.release()
        #expect(try rig.outcomes(OutcomeRig.job(OutcomeRig.item(text(1)), exchange: 5)) == ["recorded"])
        #expect(rig.desk.counted.isLedgerUp && rig.desk.counted.commits == 1)
        rig.finish()
        #expect(rig.lines.messages == ["outcomes cannot be stored"], "its end is told after some calm")
        #expect(try rig.stored().count == 1)
    }

    @Test("what waits at the end is stored; after it nothing is taken")
    func stop() throws {
        #expect(rig.desk.submit(OutcomeRig.job(OutcomeRig.item(text(1)))))
        rig.desk.stop()
        #expect(!rig.desk.submit(OutcomeRig.job(OutcomeRig.item(text(2)), exchange: 2)))
        try rig.start()
        rig.finish()
        #expect(try rig.reply(1).status == 200)
        #expect(try rig.stored().count == 1 && rig.desk.counted.refused == [.queueFull: 1])
    }

    @Test("answers are counted by the names that the plan declares, and a stranger's names under none")
    func counts() throws {
        try rig.start()
        let items = [OutcomeRig.item(text(1)), OutcomeRig.item(text(1)), OutcomeRig.item(text(2), "fun"), OutcomeRig.item("x", "correct")]
        _ = try rig.outcomes(OutcomeRig.job("[\(items.joined(separator: ","))]"))
        let totals = rig.desk.counted.counts.totals
        let correct = try #require(totals.first { $0.route == "trees" && $0.outcome == "correct" })
        #expect(correct[.recorded] == 1 && correct[.duplicate] == 1)
        #expect(totals.first { $0.route == "trees" && $0.outcome == "" }?[.unknownName] == 1)
        #expect(totals.first { $0.route == "" }?[.forged] == 1 && !totals.contains { $0.outcome == "fun" })
    }
}
