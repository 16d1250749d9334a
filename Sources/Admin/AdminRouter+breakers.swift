import Gateway
import Ledgers
import Routing

// What keeps a variant out of traffic.

extension AdminRouter {
    /// The variants of a route: where their breakers stand, and which of them are held.
    func listBreakers(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        guard let route = view.route(named: visit.route) else { throw .routeUnknown(visit.route) }
        let held = try asking { () throws(LedgerError) in try ledger.held(route: visit.route) }
        let served = view.breakers(route: visit.route)
        let breakers = route.split.shares.map { share in
            BreakerAnswer(
                variant: share.name, breaker: served.first { $0.variant == share.name }.map { BreakerFigure($0, now: .now) },
                held: held.filter { $0.variant == share.name }.map(HeldAnswer.init))
        }
        return .json(200, BreakerList(route: visit.route, breakers: breakers))
    }

    /// Lets a held variant take traffic again.
    func releaseVariant(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let reason = try RequestBody(visit.request.body, takes: ["reason"]).reason()
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        let released = try asking { () throws(LedgerError) in
            try ledger.release(route: visit.route, variant: visit.names["variant"] ?? "", author: visit.author, reason: reason, now: .now)
        }
        let isFollowed = view.followLedger(within: patience)
        return .json(isFollowed ? 200 : 202, Released(route: visit.route, released: released.map(HeldAnswer.init), isInForce: isFollowed))
    }
}

/// The body of a list of breakers.
private struct BreakerList: Encodable {
    let route: String
    let breakers: [BreakerAnswer]
}

/// One variant's breaker.
private struct BreakerAnswer: Encodable {
    let variant: String
    /// nil where no model of the variant could be loaded.
    let breaker: BreakerFigure?
    /// Models of this name that are kept out of traffic.
    let held: [HeldAnswer]
}

/// The body of a release.
private struct Released: Encodable {
    let route: String
    let released: [HeldAnswer]
    /// Whether the breaker has been told.
    let isInForce: Bool

    enum CodingKeys: String, CodingKey {
        case route, released
        case isInForce = "in_force"
    }
}
