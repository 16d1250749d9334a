import Gateway
import Ledgers
import Routing

// The routes in force.

extension AdminRouter {
    /// Every route that the caller may see.
    func listRoutes(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let only = visit.holder?.route
        let routes = view.routes.filter { only == nil || $0.name == only }
        return .json(200, RouteList(routes: routes.map(RouteAnswer.init)))
    }

    /// One route.
    func showRoute(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        guard let route = view.route(named: visit.route) else { throw .routeUnknown(visit.route) }
        return .json(200, fields: [EntityTag.field(route.revision)], RouteAnswer(route))
    }
}

/// The body of `GET /api/v1/routes`.
private struct RouteList: Encodable {
    let routes: [RouteAnswer]
}

/// A route as it is served.
private struct RouteAnswer: Encodable {
    struct Unit: Encodable {
        var header: String?
        var field: String?
        var cookie: String?
    }

    let route: String
    let path: String
    /// Where the unit key comes from; nil: each prediction is its own unit.
    let unit: Unit?
    let revision: UInt32
    let variants: [Variant]

    /// A variant's part, and where its model runs.
    struct Variant: Encodable {
        let name: String
        let weight: Double
        /// 0...1
        let share: Double
        /// `inline` or `workers`; left out for a model that is not there.
        let runs: String?
        /// `measured`, `pinned`, `moved`, or `given` where there was no choice.
        let runsBecause: String?
        /// Microseconds of one row alone, as measured before it served.
        let rowMicroseconds: Double?
        /// Threads of its own.
        let workers: Int?

        enum CodingKeys: String, CodingKey {
            case name, weight, share, runs, workers
            case runsBecause = "runs_because"
            case rowMicroseconds = "row_us"
        }

        init(_ part: RevisionAnswer.Variant, _ model: ServedModel?) {
            (name, weight, share) = (part.name, part.weight, part.share)
            (runs, runsBecause, workers) = (model?.place, model?.reason, model?.workers)
            rowMicroseconds = model?.row.map { Double($0 / 100) / 10 }
        }
    }

    init(_ served: ServedRoute) {
        route = served.name
        path = served.path
        revision = served.revision
        variants = RevisionAnswer.variants(served.split.shares.map { NamedWeight($0.name, $0.weight) }).map {
            Variant($0, served.models[$0.name])
        }
        unit =
            switch served.unit {
            case .none: nil
            case .header(let name): Unit(header: name)
            case .field(let name): Unit(field: name)
            case .cookie(let name): Unit(cookie: name)
            }
    }
}
