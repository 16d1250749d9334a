import Admin
import ArgumentParser
import Ledgers

/// `weir split`: shows or moves the split of a route.
struct Split: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the split of a route, or move it.",
        discussion: """
            weir split video-category                                       shows it
            weir split video-category champion=80 challenger=20 --why "…"   moves it

            Weights are numbers from 0 up and need not sum to anything: 80 and 20 are the same split as 4 and 1. Every variant that has \
            a share now must be named, so that the shares are those that were meant; one at weight 0 may be left out and stays at 0. \
            Each move is a numbered revision with author, reason and time (weir history); a running server follows within a second.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Argument(help: "The route.")
    var route: String

    @Argument(help: ArgumentHelp("Weights to set, such as champion=80.", valueName: "variant=weight"), transform: Self.weight)
    var weights: [NamedWeight] = []

    @Option(help: ArgumentHelp("Why, for those who read the history. Required to move a split. [WEIR_WHY]", valueName: "reason"))
    var why: String?

    @Flag(help: "Say what would change, and change nothing. [WEIR_DRY_RUN]")
    var dryRun = false

    func run() throws {
        let now = Timestamp.now
        if weights.isEmpty {
            let newest = try state.open(ifAbsent: .refuse, now: now).newestRevision(route: route)
            print(SplitText.title(of: newest))
            print(SplitText.table(newest.weights))
        } else {
            try move(now: now)
        }
    }

    private func move(now: Timestamp) throws {
        let reason = try Flags.required(Flags.value(why, "why"), "why", "the reason, for those who read the history")
        let dryRun = try Flags.isSet(dryRun, "dry-run")
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        let old = try ledger.newestRevision(route: route)
        let weights = try Self.completed(weights, from: old)
        let make = dryRun ? ledger.proposedRevision : ledger.newRevision
        let new = try make(route, weights, author.name(), reason, old.number, now)
        if new == old {
            print("\(route): revision \(old.number) by \(old.author) has these weights already; nothing to change")
        } else {
            print(dryRun ? "\(route): would become revision \(new.number)" : SplitText.title(of: new))
        }
        print(SplitText.table(new.weights, replacing: new == old ? nil : old.weights))
        if dryRun, new != old, let moves = SplitChange.moves(from: old.weights, to: new.weights) { print(SplitText.sentence(of: moves)) }
    }

    /// The weights in the order of the split in force, with its variants at weight 0 where they are not named.
    ///
    /// - Throws: `Refusal` when a variant that has a share is not named, or one is named twice or is not the route's.
    static func completed(_ given: [NamedWeight], from old: RevisionEntry) throws -> [NamedWeight] {
        do {
            return try SplitChange.completed(given, from: old)
        } catch .namedTwice(let name) {
            throw Refusal("variant '\(name)' is named twice")
        } catch .unknown(let name, let known) {
            throw Refusal("route '\(old.route)' has no variant '\(name)'; its variants: \(known.joined(separator: ", "))")
        } catch .missing(let missing) {
            let words = missing.map { "\($0.name)=\(SplitText.number($0.weight))" }.joined(separator: " ")
            let verb = missing.count == 1 ? "it" : "them"
            throw Refusal(
                "every variant with a share must be named: add \(words) to keep \(verb) as now, or give another weight; 0 stops a variant")
        }
    }

    /// Reads a word such as `champion=80`.
    ///
    /// - Throws: `ValidationError` with what is wrong about it.
    static func weight(_ word: String) throws -> NamedWeight {
        // The last `=`: a name may hold one, a number does not.
        guard let sign = word.lastIndex(of: "="), sign > word.startIndex else {
            throw ValidationError("write variant=weight, such as champion=80")
        }
        guard let weight = Double(word[word.index(after: sign)...]), weight.isFinite, weight >= 0 else {
            throw ValidationError("a weight is a number from 0 up, such as 80 or 0.5")
        }
        return NamedWeight(String(word[..<sign]), weight)
    }
}
