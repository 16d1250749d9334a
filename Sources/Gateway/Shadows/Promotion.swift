import Foundation
package import Ledgers
import Metrics

/// What the counters say about a shadow that is to go live: how often its present model was compared, and how often it diverged.
///
/// The rule is the same for the command and for the control plane.
package struct Promotion: Equatable, Sendable {
    /// What the route's file says of the shadow.
    package let declaration: ShadowDeclaration
    /// Pairs of its present model, over all primaries and revisions.
    package let compared: UInt64
    /// Those of them that mean something else.
    package let diverged: UInt64

    /// What stands against it. A person may overrule either.
    package enum Obstacle: String, Sendable {
        /// Nobody knows what the model answers to the traffic.
        case neverCompared = "never-compared"
        /// More pairs diverged than the route's file allows.
        case diverges
    }

    /// - Throws: `LedgerError.unknownShadow` when the route's file lists no shadow of this name.
    package init(of shadow: String, in source: ReportSource) throws(LedgerError) {
        let records = source.records
        guard let declaration = records.shadows.first(where: { $0.name == shadow }) else {
            throw .unknownShadow(route: records.revisions[0].route, shadow: shadow, known: records.shadows.map(\.name))
        }
        self.init(of: declaration, source.shadows)
    }

    /// - Parameter records: of the route's shadows. Those of other names and of models that the shadow had before count for nothing.
    init(of declaration: ShadowDeclaration, _ records: [ShadowRecord]) {
        let own = records.filter { $0.shadow == declaration.name && $0.model == ShadowShape.model(declaration.sha256) }
        self.declaration = declaration
        compared = own.reduce(0) { $0 + $1.compared }
        diverged = own.reduce(0) { $0 + $1.diverged }
    }

    /// Diverged pairs of all, 0...1; nil of none.
    package var divergence: Double? { compared > 0 ? Double(diverged) / Double(compared) : nil }

    /// What stands against it; nil when nothing does. A divergence of exactly the limit is allowed.
    package var obstacle: Obstacle? {
        guard compared > 0 else { return .neverCompared }
        return Double(diverged) * 100 > declaration.limit * Double(compared) ? .diverges : nil
    }

    /// An obstacle with the numbers, as the end of a sentence.
    package func objection(_ obstacle: Obstacle) -> String {
        switch obstacle {
        case .neverCompared: "its model \(declaration.sha256.prefix(12))… was never compared, so nobody knows what it answers"
        case .diverges:
            "it diverged in \(diverged) of \(compared) pairs, \(Self.percent(100 * (divergence ?? 0))) %, "
                + "and its limit is \(Self.percent(declaration.limit)) %"
        }
    }

    /// Four significant digits.
    private static func percent(_ value: Double) -> String { String(format: "%.4g", value) }
}
