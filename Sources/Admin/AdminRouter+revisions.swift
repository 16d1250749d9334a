import Foundation
import Gateway
import Ledgers
import Routing

// The splits of a route: what was in force, and what shall be.

extension AdminRouter {
    /// Revisions in one answer: at most, and when nothing is asked for.
    static let revisionsAtMost: UInt32 = 200
    static let revisionsUsually: UInt32 = 20
    /// Times that a move which replaces whatever is there is tried while others move, too; then it is a 412 like any other.
    private static let attempts = 4

    /// A page of the history, newest first.
    func listRevisions(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes("limit", "before")
        let limit = try visit.number("limit", 1...Self.revisionsAtMost) ?? Self.revisionsUsually
        let before = try visit.number("before", 1...UInt32.max)
        let route = visit.route
        let newest = try askingForSplit { () throws(LedgerError) in try ledger.newestRevision(route: route) }
        let entries = try askingForSplit { () throws(LedgerError) in try ledger.history(route: route, limit: Int(limit), before: before) }
        var page = RevisionPage(route: route, revisions: entries.map(RevisionAnswer.init))
        if let last = entries.last, last.number > 1 { page.next = "\(path(of: route))?limit=\(limit)&before=\(last.number)" }
        // The first page may be younger than the look before it.
        let tag = before == nil ? entries.first?.number ?? newest.number : newest.number
        return .json(200, fields: [EntityTag.field(tag)], page)
    }

    /// One revision.
    func showRevision(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let text = visit.names["number"] ?? ""
        guard let number = UInt32(text), number < .max else { throw .revisionUnknown(text) }
        let entries = try askingForSplit { () throws(LedgerError) in try ledger.history(route: visit.route, limit: 1, before: number + 1) }
        guard let entry = entries.first, entry.number == number else { throw .revisionUnknown(text) }
        return .json(200, RevisionAnswer(entry))
    }

    /// Moves the split, or says what that would do.
    func makeRevision(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes("dry_run")
        let isDryRun = try visit.flag("dry_run")
        let expected = try expectation(visit, isNeeded: !isDryRun)
        let wanted = try RevisionRequest(visit.request.body)
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        return try replacing(expected) { () throws(AdminFault) in try makeRevision(wanted, visit, expected, isDryRun: isDryRun) }
    }

    /// Makes a move, and tries it again when others moved meanwhile and the caller replaces whatever is there.
    func replacing(_ expected: UInt32?, _ move: () throws(AdminFault) -> ControlAnswer) throws(AdminFault) -> ControlAnswer {
        for _ in 1..<Self.attempts {
            do throws(AdminFault) {
                return try move()
            } catch {
                // Who replaces whatever is there does not mind that it has just changed.
                guard expected == nil, error.status == 412 else { throw error }
            }
        }
        return try move()
    }

    /// Moves the split as it is at this moment.
    private func makeRevision(
        _ wanted: RevisionRequest, _ visit: Visit, _ expected: UInt32?, isDryRun: Bool
    ) throws(AdminFault) -> ControlAnswer {
        let (route, author) = (visit.route, visit.author)
        let old = try askingForSplit { () throws(LedgerError) in try ledger.newestRevision(route: route) }
        if let expected, expected != old.number { throw .preconditionFailed(old) }
        let weights = try completed(wanted.weights, from: old)
        // What was completed from one revision must not replace another.
        let make = isDryRun ? ledger.proposedRevision : ledger.newRevision
        let new = try askingForSplit { () throws(LedgerError) in try make(route, weights, author, wanted.reason, old.number, .now) }
        if isDryRun { return .json(200, fields: [EntityTag.field(old.number)], RevisionDraft(from: old, to: new)) }
        return new.number == old.number ? .json(200, fields: [EntityTag.field(old.number)], RevisionMade(new, isInForce: true)) : follow(new)
    }

    /// Answers a revision that is on disk, once it is in force.
    ///
    /// - Parameter comparison: what the shadow had found that it makes live; nil where it makes none.
    func follow(_ new: RevisionEntry, _ comparison: PromotionAnswer? = nil) -> ControlAnswer {
        _ = view.followLedger(within: patience)
        let isInForce = (view.route(named: new.route)?.revision ?? 0) >= new.number
        let fields: [ControlAnswer.Field] = [EntityTag.field(new.number), ("location", "\(path(of: new.route))/\(new.number)")]
        return .json(isInForce ? 201 : 202, fields: fields, RevisionMade(new, isInForce: isInForce, comparison))
    }

    /// The revision that the caller has seen; nil for whatever is there.
    func expectation(_ visit: Visit, isNeeded: Bool) throws(AdminFault) -> UInt32? {
        guard let text = visit.request.ifMatch else {
            if isNeeded { throw .preconditionMissing }
            return nil
        }
        return try EntityTag.number(text)
    }

    private func completed(_ given: [NamedWeight], from old: RevisionEntry) throws(AdminFault) -> [NamedWeight] {
        do {
            return try SplitChange.completed(given, from: old)
        } catch {
            let sentence =
                switch error {
                case .namedTwice(let name): "The variant \(name) is named twice."
                case .unknown(let name, let known): "The route has no variant \(name); it has \(known.joined(separator: ", "))."
                case .missing(let missing):
                    "Name every variant that has a share now, with 0 to stop it; missing: \(missing.map(\.name).joined(separator: ", "))."
                }
            throw .splitMalformed(sentence, field: "weights")
        }
    }

    private func path(of route: String) -> String {
        "/api/v1/routes/\(route.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(["/"])) ?? route)/revisions"
    }

    /// Asks the ledger, and puts its complaints into words for the caller.
    ///
    /// - Parameter field: the member that gives weights.
    func askingForSplit<Value>(field weights: String = "weights", _ question: () throws(LedgerError) -> Value) throws(AdminFault) -> Value {
        do {
            return try question()
        } catch .unknownRoute(let route, _) {
            throw .routeUnknown(route)
        } catch .conflict(let route, _, _) {
            throw .preconditionFailed(try askingForSplit { () throws(LedgerError) in try ledger.newestRevision(route: route) })
        } catch .variantsDiffer(_, let unknown, let missing) {
            throw .splitMalformed("The route's variants have changed: \((unknown + missing).joined(separator: ", ")).", field: weights)
        } catch .invalid(let key, let reason) {
            if key == "author" { throw .authorReserved(RevisionEntry.fileAuthor) }
            let field = key == "why" ? "reason" : weights
            throw .splitMalformed("\(field): \(reason).", field: field)
        } catch {
            throw unavailable(error)
        }
    }
}

/// The body of a page of revisions.
private struct RevisionPage: Encodable {
    let route: String
    let revisions: [RevisionAnswer]
    /// Where older ones are; nil on the last page.
    var next: String?
}
