import Foundation
import Ledgers
import Routing

/// Splits in words and tables.
enum SplitText {
    /// `90 %`, `33.33 %`; a share above 0 never reads as 0, one below 1 never as 100.
    static func percent(_ share: Double) -> String {
        if share > 0, share < 0.000_1 { return "<0.01 %" }
        if share < 1, share > 0.999_9 { return ">99.99 %" }
        return number((share * 10_000).rounded() / 100) + " %"
    }

    /// The shortest text of a number: `80`, `0.5`.
    static func number(_ value: Double) -> String {
        value.magnitude < 1e15 && value == value.rounded() ? "\(Int64(value))" : "\(value)"
    }

    /// `champion 80 %, challenger 20 %`
    static func shares(of weights: [NamedWeight]) -> String {
        weights.map { "\($0.name) \(percent(weights.share(of: $0.name) ?? 0))" }.joined(separator: ", ")
    }

    /// `video-category: revision 3 by ana, 2026-11-22T17:40:12Z: ramp up`
    static func title(of entry: RevisionEntry) -> String {
        "\(entry.route): revision \(entry.number) by \(entry.author), \(entry.at): \(entry.reason)"
    }

    /// `40 % of units move: champion → challenger 40 %`
    static func sentence(of moves: Moves) -> String {
        let pairs = moves.names.flatMap { from in moves.names.map { to in (from, to, moves[from, to]) } }
        let words = pairs.filter { $0.0 != $0.1 && $0.2 > 0 }.map { "\($0.0) → \($0.1) \(percent($0.2))" }
        return "\(percent(moves.moved)) of units move" + (words.isEmpty ? "" : ": " + words.joined(separator: ", "))
    }

    /// The variants of a split with weight and share; beside a split that it replaces, old → new.
    static func table(_ weights: [NamedWeight], replacing old: [NamedWeight]? = nil) -> String {
        let rows = weights.map { entry -> [String] in
            let weight = number(entry.weight)
            let share = percent(weights.share(of: entry.name) ?? 0)
            guard let old, let before = old.first(where: { $0.name == entry.name }) else { return [entry.name, weight, share] }
            return [
                entry.name, "\(number(before.weight)) → \(weight)", "\(percent(old.share(of: entry.name) ?? 0)) → \(share)",
            ]
        }
        return TextTable.text(header: ["variant", "weight", "share"], rows: rows)
    }
}
