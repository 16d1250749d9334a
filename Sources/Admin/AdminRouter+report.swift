import Gateway
import Ledgers
import Logging

// What each variant of a route did.

extension AdminRouter {
    /// The figures of one route. Also of one that is not served any more: its records stay.
    func showReport(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        do {
            let now = Timestamp.now
            let source = try ReportSource(ledger, route: visit.route, now: now)
            return .json(200, RouteReport(source, serving: view.serving(route: visit.route), now: now))
        } catch LedgerError.unknownRoute {
            throw .routeUnknown(visit.route)
        } catch {
            logger.error("the report cannot be made", metadata: ["reason": "\(error)"])
            if case LedgerError.locked = error { throw .ledgerUnavailable(1) }
            throw .ledgerUnavailable(10)
        }
    }
}
