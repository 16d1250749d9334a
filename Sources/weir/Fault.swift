import ArgumentParser
import Gateway
import Ledgers

/// `weir fault`: makes a variant fail on purpose, for a while.
struct Fault: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Practise: make a variant slow, fail or crash for a share of its units and a while.",
        discussion: """
            weir fault video-category challenger --abort --share 50 --for 10m --why "drill"     begins one
            weir fault video-category challenger --delay 30ms --why "drill"                     every answer 30 ms later
            weir fault --list                                                                   those that are going on
            weir fault video-category challenger --end                                          ends them before their time

            A fault counts like a real one: breakers open, retries and fallbacks take over, the report shows it. It ends by itself, after \
            an hour at most. A running server follows within a second. A crash ends the server's process and all that it was answering; it \
            does nothing on a server that was not started with --allow-crash-faults. A shadow's name does as well: what befalls a shadow \
            reaches nobody, its breaker opens as a variant's does, and a crash ends its own process alone and needs no flag.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Argument(help: "The route.")
    var route: String?

    @Argument(help: "The variant, or the shadow, that shall fail.")
    var variant: String?

    @Flag(help: "The model fails. [WEIR_ABORT]")
    var abort = false

    @Option(help: ArgumentHelp("The model answers that much later, 1ms to 60s. [WEIR_DELAY]", valueName: "time"))
    var delay: Period?

    @Flag(help: "The model answers a number that is none. [WEIR_NON_FINITE]")
    var nonFinite = false

    @Flag(help: "The model crashes the server's process, or the shadow's own. [WEIR_CRASH]")
    var crash = false

    @Option(help: ArgumentHelp("Percent of the variant's units that meet it. Default: 100. [WEIR_SHARE]", valueName: "percent"))
    var share: Double?

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, 1s to 1h. Default: 10m. [WEIR_FOR]", valueName: "time"))
    var lasting: Period?

    @Option(help: ArgumentHelp("Why, for those who wonder. Required to begin one. [WEIR_WHY]", valueName: "reason"))
    var why: String?

    @Flag(help: "List the faults that are going on, of the route or of all. [WEIR_LIST]")
    var list = false

    @Flag(help: "End the faults of the route, or of the variant alone. [WEIR_END]")
    var end = false

    @Flag(help: "With --list: print a JSON array instead of a table. [WEIR_JSON]")
    var json = false

    func run() throws {
        let now = Timestamp.now
        let kinds = try self.kinds()
        switch (try Flags.isSet(list, "list"), try Flags.isSet(end, "end"), kinds.count) {
        case (true, false, 0): try show(now: now)
        case (false, true, 0): try finish(now: now)
        case (false, false, 1): try begin(kinds[0], now: now)
        default: throw ValidationError("give one of --abort, --delay, --non-finite, --crash, --list and --end")
        }
    }

    /// The kinds of fault that are asked for.
    private func kinds() throws -> [FaultKind] {
        var kinds: [FaultKind] = []
        if try Flags.isSet(abort, "abort") { kinds.append(.abort) }
        if let delay = try Flags.value(delay, "delay") { kinds.append(.delay(milliseconds: delay.milliseconds)) }
        if try Flags.isSet(nonFinite, "non-finite") { kinds.append(.nonFinite) }
        if try Flags.isSet(crash, "crash") { kinds.append(.crash) }
        return kinds
    }

    private func begin(_ kind: FaultKind, now: Timestamp) throws {
        guard let route, let variant else { throw ValidationError("name the route and the variant that shall fail") }
        let reason = try Flags.required(Flags.value(why, "why"), "why", "the reason, for those who wonder")
        let lasting = try Flags.value(lasting, "for") ?? Period(milliseconds: FaultEntry.usualSeconds * 1_000)
        guard lasting.milliseconds % 1_000 == 0 else { throw ValidationError("--for is a whole number of seconds, minutes or hours") }
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        let entry = try ledger.startFault(
            route: route, variant: variant, kind: kind, percent: Flags.value(share, "share") ?? FaultEntry.usualPercent,
            seconds: lasting.milliseconds / 1_000, author: author.name(), reason: reason, now: now)
        print(FaultText.sentence(of: entry))
        let isLive = try ledger.newestRevision(route: route).weights.contains { $0.name == variant }
        if kind == .crash, isLive { Exit.say("note: a server that was not started with --allow-crash-faults leaves this fault out") }
    }

    private func show(now: Timestamp) throws {
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        // A route that does not exist has no faults either; saying so would hide a slip of the pen.
        if let route { _ = try ledger.newestRevision(route: route) }
        let faults = try ledger.faults(route: route, now: now).filter { variant == nil || $0.variant == variant }
        if try Flags.isSet(json, "json") {
            print(try JSONText.of(faults.map { FaultAnswer($0) }))
        } else if faults.isEmpty {
            Exit.say("no fault is going on")
        } else {
            print(FaultText.table(of: faults))
        }
    }

    private func finish(now: Timestamp) throws {
        guard let route else { throw ValidationError("name the route whose faults shall end") }
        let ended = try state.open(ifAbsent: .refuse, now: now).endFaults(route: route, variant: variant, author: author.name(), now: now)
        for entry in ended { print("\(entry.route): fault \(entry.id) on \(entry.variant) is over: \(FaultText.kind(of: entry))") }
        if ended.isEmpty { Exit.say("no fault is going on there") }
    }
}
