import Gateway
import Ledgers

// Shadows: what they found, and how one of them goes live.

extension AdminRouter {
    /// The shadows that a route's file lists, with what each has found. Also of a route that is not served any more.
    func listShadows(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let now = Timestamp.now
        let source = try source(route: visit.route, now: now)
        let answer = try asking { () throws(LedgerError) in
            try ShadowsAnswer(source, ledger, serving: view.serving(route: visit.route), now: now)
        }
        return .json(200, answer)
    }

    /// Makes a shadow a live variant by a revision that names it, or says what that would make.
    func promoteShadow(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes("dry_run")
        let isDryRun = try visit.flag("dry_run")
        let expected = try expectation(visit, isNeeded: !isDryRun)
        let wanted = try PromotionRequest(visit.request.body)
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        return try replacing(expected) { () throws(AdminFault) in try promoteShadow(wanted, visit, expected, isDryRun: isDryRun) }
    }

    /// Promotes by the split as it is at this moment.
    private func promoteShadow(
        _ wanted: PromotionRequest, _ visit: Visit, _ expected: UInt32?, isDryRun: Bool
    ) throws(AdminFault) -> ControlAnswer {
        let (route, shadow, author) = (visit.route, visit.names["shadow"] ?? "", visit.author)
        let old = try askingForSplit { () throws(LedgerError) in try ledger.newestRevision(route: route) }
        if let expected, expected != old.number { throw .preconditionFailed(old) }
        let source = try source(route: route, now: .now)
        let promotion = try asking { () throws(LedgerError) in try Promotion(of: shadow, in: source) }
        if old.weights.contains(where: { $0.name == shadow }) { throw .alreadyLive(shadow, in: old.number) }
        let make = isDryRun ? ledger.proposedPromotion : ledger.promote
        if !isDryRun, !wanted.isAnyway, let obstacle = promotion.obstacle { throw .objection(obstacle, to: promotion) }
        let new = try askingForSplit(field: "weight") { () throws(LedgerError) in
            try make(route, shadow, wanted.weight, author, wanted.reason, old.number, .now)
        }
        let comparison = PromotionAnswer(promotion)
        return isDryRun
            ? .json(200, fields: [EntityTag.field(old.number)], RevisionDraft(from: old, to: new, comparison)) : follow(new, comparison)
    }
}
