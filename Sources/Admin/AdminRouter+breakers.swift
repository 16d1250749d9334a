import Gateway
import Ledgers

// What keeps a variant out of traffic.

extension AdminRouter {
    /// Where the breaker of each variant stands, and which variants are held.
    func listBreakers(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        let held = try asking { () throws(LedgerError) in try ledger.held(route: visit.route) }
        return .json(200, BreakerList(route: visit.route, breakers: view.breakerAnswers(route: visit.route, held: held)))
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
