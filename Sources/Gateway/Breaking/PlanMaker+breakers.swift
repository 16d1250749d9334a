import Breakers
import Ledgers
import Primitives
import Reactor
import RouteFiles
import TLS

extension PlanMaker {
    /// The breaker of a variant: as the route file sets it, held while the ledger says so.
    func breaker(_ variant: RouteLoader.LoadedVariant, of route: RouteFile, held: Set<BreakerBoard.Key>) -> VariantBreaker {
        let key = BreakerBoard.Key(route: route.name, variant: variant.name, sha256: variant.sha256)
        return breakers.breaker(
            key, policy: BreakerPolicy(of: route), isHeld: held.contains(key), seed: SecureRandom.word(), now: MonotonicTime.now())
    }
}

extension BreakerBoard.Key {
    /// What the ledger keeps out of traffic.
    init(_ held: HeldVariant) {
        self.init(route: held.route, variant: held.variant, sha256: held.sha256)
    }
}

extension BreakerPolicy {
    /// What a route file says. A probe's lease is twice the route's deadline: longer than any of its calls takes.
    init(of route: RouteFile) {
        let entry = route.breaker
        let mode: Mode =
            switch entry.mode {
            case .enforce: .enforce
            case .observe: .observe
            case .off: .off
            }
        self.init(
            mode: mode, failuresInRow: entry.failures, window: entry.window, callsAtLeast: entry.calls, failureShare: entry.failureRate / 100,
            slowShare: entry.slowRate / 100, open: entry.open, openAtMost: entry.openAtMost, successesToClose: entry.successes,
            ramp: entry.ramp, lease: 2 * route.deadline)
    }
}
