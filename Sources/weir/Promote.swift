import Admin
import ArgumentParser
import Gateway
import Ledgers

/// `weir promote`: makes a shadow a live variant.
struct Promote: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a shadow of a route a live variant.",
        discussion: """
            weir promote video-category candidate --weight 5 --why "as good as the champion"

            Makes a numbered revision (weir history) that names the shadow beside the variants, whose weights stay as they are. A running \
            server follows within a second: the shadow's model answers its share, and gets no copies any more. The route's file stays as it \
            is; from then on weir split moves the weight, and a file that no longer lists the shadow, or gives other weights, takes it out.

            Refused when the shadow's present model was never compared with a variant, or when more of its answers diverged than the limit in \
            the route's file, 10 % unless it says else. The counts are those of weir report, with or without a running server.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Argument(help: "The route.")
    var route: String

    @Argument(help: "The shadow, as the route's file names it.")
    var shadow: String

    @Option(help: "Its weight, from 0 up, beside those that the others have. Required. [WEIR_WEIGHT]")
    var weight: Double?

    @Option(help: ArgumentHelp("Why, for those who read the history. Required. [WEIR_WHY]", valueName: "reason"))
    var why: String?

    @Flag(help: "Promote it whatever the comparison says. [WEIR_ANYWAY]")
    var anyway = false

    @Flag(help: "Say what would change, and change nothing. [WEIR_DRY_RUN]")
    var dryRun = false

    func run() throws {
        let now = Timestamp.now
        let weight = try Flags.required(Flags.value(weight, "weight"), "weight", "the shadow's weight beside those of the others")
        let reason = try Flags.required(Flags.value(why, "why"), "why", "the reason, for those who read the history")
        let (dryRun, anyway) = (try Flags.isSet(dryRun, "dry-run"), try Flags.isSet(anyway, "anyway"))
        let ledger = try state.open(ifAbsent: .refuse, now: now)
        let old = try ledger.newestRevision(route: route)
        // What cannot be made is refused first: an unknown shadow, one that is live, a weight that is none.
        let draft = try ledger.proposedPromotion(
            route: route, shadow: shadow, weight: weight, author: author.name(), reason: reason, expecting: old.number, now: now)
        let promotion = try Promotion(of: shadow, in: ReportSource(ledger, route: route, now: now))
        let objection = anyway ? nil : promotion.obstacle.map { Refusal(PromotionText.refusal(of: promotion, $0, route: route)) }
        if dryRun {
            show(draft, old, title: "\(route): would become revision \(draft.number)", promotion)
            if let moves = SplitChange.moves(from: old.weights, to: draft.weights) { print(SplitText.sentence(of: moves)) }
        }
        if let objection { throw objection }
        guard !dryRun else { return }
        let new = try ledger.promote(
            route: route, shadow: shadow, weight: weight, author: author.name(), reason: reason, expecting: old.number, now: now)
        show(new, old, title: SplitText.title(of: new), promotion)
    }

    private func show(_ new: RevisionEntry, _ old: RevisionEntry, title: String, _ promotion: Promotion) {
        print(title)
        print(SplitText.table(new.weights, replacing: old.weights))
        print(PromotionText.sentence(of: promotion))
    }
}
