import ArgumentParser
import Gateway
import Ledgers

/// `weir breaker`: what keeps variants out of traffic, over every restart.
struct Breaker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which variants of a route are kept out of traffic, or let one back in.",
        discussion: """
            weir breaker video-category                                             shows them
            weir breaker video-category challenger --release --why "new runtime"    lets it back in

            A variant whose model crashed the server is held: it takes no traffic, also after a restart, until its model passes a rerun of \
            the rows that were inside, or somebody releases it. Released, its breaker probes it with one request at a time. Breakers that \
            opened for failures close by themselves. Where they stand, where models run and how shadows are is shown while a server runs on \
            the state folder, as it was a second ago. Shadows have breakers of their own, which keep copies from a model that fails.

            --json prints what GET /api/v1/routes/ROUTE/breakers answers.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Argument(help: "The route.")
    var route: String

    @Argument(help: "The variant, or the shadow. Default: every one.")
    var variant: String?

    @Flag(help: "Let the variant take traffic again. [WEIR_RELEASE]")
    var release = false

    @Option(help: ArgumentHelp("Why, for those who read the audit. Required to release. [WEIR_WHY]", valueName: "reason"))
    var why: String?

    @Flag(help: "Print JSON instead of tables. [WEIR_JSON]")
    var json = false

    func run() throws {
        let now = Timestamp.now
        if try Flags.isSet(release, "release") {
            try letIn(now: now)
        } else {
            try show(now: now)
        }
    }

    private func letIn(now: Timestamp) throws {
        guard let variant else { throw ValidationError("name the variant that shall take traffic again") }
        let reason = try Flags.required(Flags.value(why, "why"), "why", "the reason, for those who read the audit")
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        try check(ledger)
        for held in try ledger.release(route: route, variant: variant, author: author.name(), reason: reason, now: now) {
            print("\(route): \(held.variant) (\(held.sha256.prefix(12))…) is released; its breaker probes it")
        }
    }

    private func show(now: Timestamp) throws {
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        let names = try check(ledger)
        let marks = try ledger.held(route: route)
        // A variant that the split does not name any more may still be held.
        let all = (names + Set(marks.map(\.variant)).subtracting(names).sorted()).filter { variant == nil || $0 == variant }
        var serving = ServingFile.read(try state.folder(), now: now)?.route(named: route)
        serving?.variants.removeAll { !all.contains($0.name) }
        serving?.shadows?.removeAll { variant != nil && $0.name != variant }
        if try Flags.isSet(json, "json") {
            return print(try JSONText.of(BreakersAnswer(route: route, names: all, held: marks, serving: serving)))
        }
        let isHeld = marks.contains { all.contains($0.variant) }
        let held = serving == nil || isHeld ? Self.table(of: all, marks) : ""
        print([ServingText.text(of: serving), held].filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }

    /// The route's variants; or the one shadow, where it is named.
    ///
    /// - Throws: `LedgerError` for a route that does not exist, and for a variant that it neither has, holds nor lists as a shadow.
    @discardableResult
    private func check(_ ledger: Ledger) throws -> [String] {
        let names = try ledger.newestRevision(route: route).weights.map(\.name)
        guard let variant, !names.contains(variant), try !ledger.held(route: route).contains(where: { $0.variant == variant }) else { return names }
        let shadows = try ledger.shadows(route: route).map(\.name)
        guard shadows.contains(variant) else {
            throw LedgerError.unknownVariant(route: route, variant: variant, known: names + shadows.filter { !names.contains($0) })
        }
        return [variant]
    }

    /// One line a variant, or a model of it that is held.
    static func table(of names: [String], _ held: [HeldVariant]) -> String {
        TextTable.text(
            header: ["variant", "state", "model", "signal", "since", "verdict"],
            rows: names.flatMap { name -> [[String]] in
                let own = held.filter { $0.variant == name }
                guard !own.isEmpty else { return [[name, "not held", "", "", "", ""]] }
                return own.map { [name, "held", String($0.sha256.prefix(12)), "\($0.signal)", $0.since.description, $0.verdict] }
            })
    }
}
