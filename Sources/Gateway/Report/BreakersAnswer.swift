package import Ledgers

/// The variants of a route and what keeps them out of traffic: what `weir breaker --json` prints. While a server runs, its entries are those of
/// `GET /api/v1/routes/{route}/breakers`; without one they hold what the ledger knows.
package struct BreakersAnswer: Encodable, Sendable {
    package var route: String
    /// When the running server said where its breakers stand; left out when none runs.
    package var asOf: String?
    package var breakers: [Entry]
    /// Where shadows stand; left out where no server runs, or the route has none that get copies.
    package var shadows: [ShadowServing]?

    enum CodingKeys: String, CodingKey {
        case route, breakers, shadows
        case asOf = "as_of"
    }

    /// One variant.
    package struct Entry: Encodable, Sendable {
        package var variant: String
        /// Models of this name that are held.
        package var held: [HeldAnswer]
        /// In the words of the running server.
        package var breaker: BreakerAnswer?

        enum CodingKeys: String, CodingKey {
            case variant, held
        }

        package func encode(to encoder: any Encoder) throws {
            try breaker?.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(variant, forKey: .variant)
            try container.encode(held, forKey: .held)
        }
    }

    /// - Parameters:
    ///   - names: the variants to speak of.
    ///   - held: what the ledger keeps out of traffic in this route.
    package init(route: String, names: [String], held: [HeldVariant], serving: RouteServing?) {
        self.route = route
        asOf = serving?.asOf
        shadows = serving?.shadows
        breakers = names.map { name in
            Entry(
                variant: name, held: held.filter { $0.variant == name }.map(HeldAnswer.init),
                breaker: (serving?.variants.first { $0.name == name }?.breaker) ?? serving?.shadows?.first { $0.name == name }?.breaker)
        }
    }
}
