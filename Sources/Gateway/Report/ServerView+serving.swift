import Ledgers
import Primitives
import Reactor

extension ServerView {
    /// What there is to say of a route of the plan in force; nil when it is not served. Any thread but a reactor's.
    package func serving(route: String) -> RouteServing? {
        parts.first { $0.name == route }.map { serving($0, shadows(route: route), at: MonotonicTime.now(), now: .now) }
    }

    /// The same of all routes. Where they have more than so many variants, only of those in which a breaker has something to say, or a shadow is.
    ///
    /// - Parameter most: variants to speak of.
    func serving(variantsAtMost most: Int) -> [RouteServing] {
        let (instant, now, parts) = (MonotonicTime.now(), Timestamp.now, parts)
        let all = parts.reduce(0) { $0 + $1.variants.count }
        let shadows = Dictionary(grouping: shadows, by: \.route)
        guard all > most else { return parts.map { serving($0, shadows[$0.name] ?? [], at: instant, now: now) } }
        var told: [RouteServing] = []
        var count = 0
        for route in parts where shadows[route.name] != nil || breakers(of: route).contains(where: \.saysSomething) {
            count += route.variants.count
            guard count <= most else { break }
            told.append(serving(route, shadows[route.name] ?? [], at: instant, now: now))
        }
        return told
    }

    private func serving(_ parts: RouteParts, _ shadows: [ServedShadow], at instant: Instant, now: Timestamp) -> RouteServing {
        let labels = parts.variants.first.flatMap { Self.labels($0.lanes) }
        return RouteServing(
            route: parts.name, asOf: now.description, labels: labels,
            variants: zip(breakers(of: parts, now: instant), parts.variants).map { served, variant in
                let own = Self.labels(variant.lanes)
                return VariantServing(
                    name: variant.name, breaker: BreakerAnswer(served, held: nil, at: instant, now: now),
                    model: ModelStanding(variant.lanes), labels: own == labels ? nil : own)
            },
            shadows: shadows.isEmpty ? nil : shadows.map { ShadowServing($0, at: instant, now: now) })
    }

    /// What there is to say of a model's classes; nil where it answers a value.
    private static func labels(_ lanes: LaneSet) -> [String]? {
        guard lanes.isClassification else { return nil }
        return lanes.labels.prefix(GatewayLimits.servingLabels).map { label in
            String(String.UnicodeScalarView(label.unicodeScalars.prefix(GatewayLimits.servingLabelLength)))
        }
    }
}

extension ModelStanding {
    fileprivate init(_ lanes: LaneSet) {
        let placement = lanes.placement
        self.init(
            runs: placement.place.rawValue, reason: placement.reason.rawValue, rowMicroseconds: placement.row.map { Double($0) / 1_000 },
            workers: lanes.workers, waitingRows: lanes.waitingRows, endedCalls: lanes.endedCalls)
    }
}
