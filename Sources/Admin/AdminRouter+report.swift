import Gateway
import Ledgers
import Logging

// What each variant of a route did.

extension AdminRouter {
    /// The figures of one route. Also of one that is not served any more: its records stay.
    func showReport(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let now = Timestamp.now
        return .json(200, RouteReport(try source(route: visit.route, now: now), serving: view.serving(route: visit.route), now: now))
    }

    /// What is known of a route.
    func source(route: String, now: Timestamp) throws(AdminFault) -> ReportSource {
        do {
            return try ReportSource(ledger, route: route, now: now)
        } catch LedgerError.unknownRoute {
            throw .routeUnknown(route)
        } catch {
            logger.error("the report cannot be made", metadata: ["reason": "\(error)"])
            if case LedgerError.locked = error { throw .ledgerUnavailable(1) }
            throw .ledgerUnavailable(10)
        }
    }
}
