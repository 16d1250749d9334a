package import Ledgers
package import Routing

/// The rules by which a person moves a split, for the command line and the control plane alike.
package enum SplitChange {
    /// What keeps weights from being a split of the route.
    package enum Complaint: Error, Equatable {
        case namedTwice(String)
        case unknown(String, known: [String])
        /// Variants that have a share now and are not named.
        case missing([NamedWeight])
    }

    /// The weights in the order of the split in force, with its variants at weight 0 where they are not named.
    ///
    /// - Throws: when a variant that has a share is not named, or one is named twice or is not the route's.
    package static func completed(_ given: [NamedWeight], from old: RevisionEntry) throws(Complaint) -> [NamedWeight] {
        let names = given.map(\.name)
        if let twice = names.first(where: { name in names.count(where: { $0 == name }) > 1 }) { throw .namedTwice(twice) }
        let known = old.weights.map(\.name)
        if let stranger = names.first(where: { !known.contains($0) }) { throw .unknown(stranger, known: known) }
        let missing = old.weights.filter { $0.weight > 0 && !names.contains($0.name) }
        guard missing.isEmpty else { throw .missing(missing) }
        return old.weights.map { entry in given.first { $0.name == entry.name } ?? entry }
    }

    /// The part of all units that goes from each variant to each other one, in expectation; nil when one of them is no split.
    package static func moves(from old: [NamedWeight], to new: [NamedWeight]) -> Moves? {
        guard let before = split(old), let after = split(new) else { return nil }
        return before.expectedMoves(to: after)
    }

    private static func split(_ weights: [NamedWeight]) -> Routing.Split? {
        try? Routing.Split(weights.map { Routing.Split.Share(name: $0.name, weight: $0.weight) })
    }
}
