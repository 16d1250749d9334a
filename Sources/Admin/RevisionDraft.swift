import Gateway
import Ledgers
import Routing

/// The body of a dry run.
struct RevisionDraft: Encodable {
    let route: String
    let from: RevisionAnswer
    /// With the number it would get; the one in force when nothing would change.
    let to: RevisionAnswer
    /// The part of all units that would change variant, 0...1, in expectation.
    let moved: Double
    /// From variant to variant: the part of all units.
    let moves: [String: [String: Double]]
    /// What the shadow has found that would go live; left out where none would.
    let comparison: PromotionAnswer?

    init(from old: RevisionEntry, to new: RevisionEntry, _ comparison: PromotionAnswer? = nil) {
        route = old.route
        from = RevisionAnswer(old)
        to = RevisionAnswer(new)
        let expected = SplitChange.moves(from: old.weights, to: new.weights)
        moved = expected?.moved ?? 0
        var table: [String: [String: Double]] = [:]
        for (from, row) in zip(expected?.names ?? [], expected?.shares ?? []) {
            table[from] = Dictionary(zip(expected?.names ?? [], row)) { first, _ in first }
        }
        moves = table
        self.comparison = comparison
    }
}
