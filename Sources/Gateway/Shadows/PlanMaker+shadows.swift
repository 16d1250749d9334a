import Breakers
import Contracts
import Ledgers
import Metrics
import Primitives
import Reactor
import RouteFiles
import Routing

// What a plan needs for shadows: which of them are live by now, and the sets that copies refer to.

extension PlanMaker {
    /// The shadows of the files that the newest revisions name: they are live, by route.
    func promoted(of reading: RouteReading) throws(LedgerError) -> [String: [String]] {
        var promoted: [String: [String]] = [:]
        for route in reading.routes where !route.file.shadows.isEmpty {
            let live = try live(in: route.file.name)
            let names = route.file.shadows.map(\.name).filter { live.contains($0) }
            if !names.isEmpty { promoted[route.file.name] = names }
        }
        return promoted
    }

    /// What the newest revision of a route names; nothing before the first one.
    private func live(in route: String) throws(LedgerError) -> Set<String> {
        do {
            return Set(try ledger.newestRevision(route: route).weights.map(\.name))
        } catch .unknownRoute {
            return []
        }
    }

    /// Enters in the ledger what a route's file says of its shadows.
    func declareShadows(of route: RouteLoader.LoadedRoute) throws(LedgerError) {
        try ledger.declareShadows(
            route: route.file.name,
            route.file.shadows.map {
                ShadowDeclaration(
                    name: $0.name, sha256: $0.sha256, percent: $0.percent, follow: $0.follow, limit: $0.limit, tolerance: $0.tolerance)
            })
    }

    /// A route's shadows in the plan that is being made; nil when it has none that gets copies.
    func shadows(of route: RouteLoader.LoadedRoute, revision: UInt32, faults: [FaultEntry]) -> ShadowLease? {
        let file = route.file
        let shadows = route.shadows.filter { $0.entry.percent > 0 }.compactMap { shadow(of: $0, route, revision: revision, faults: faults) }
        guard !shadows.isEmpty else { return nil }
        let truth = file.outcomes.first { $0.kind == .label }.map { (name: $0.name, window: $0.window) }
        let variants = route.variants.map {
            ShadowSet.Variant(
                shape: PredictionShape(
                    route: file.name, variant: $0.name, fields: route.contract.contract.fields, labels: $0.lanes.labels))
        }
        return ShadowLease(ShadowSet(number: nextSetNumber(), route: file.name, variants: variants, shadows: shadows, truth: truth))
    }

    private func shadow(
        of loaded: RouteLoader.LoadedShadow, _ route: RouteLoader.LoadedRoute, revision: UInt32, faults: [FaultEntry]
    ) -> ShadowSet.Shadow? {
        let (entry, file, answers) = (loaded.entry, route.file, loaded.answers)
        let model = ShadowModel(
            route: file.name, name: entry.name, candidate: loaded.candidate, labels: answers.labels, scoreCount: answers.scoreCount,
            patience: ShadowLimits.patience(deadline: file.deadline))
        let cells = route.variants.compactMap { variant in
            let shape = ShadowShape(
                shadow: entry.sha256, primary: variant.sha256, name: variant.name, outputs: min(variant.lanes.scoreCount, answers.scoreCount),
                classes: variant.lanes.labels.count)
            return self.cells.shadow(
                ShadowKey(route: file.name, shadow: entry.name, revision: revision, shape: shape), created: MonotonicTime.wallMilliseconds())
        }
        guard cells.count == route.variants.count else {
            recorder.warnOfShadow(route: file.name, shadow: entry.name)
            return nil
        }
        let classes = route.variants.map { variant in variant.lanes.labels.map { answers.labels.firstIndex(of: $0) ?? 0 } }
        return ShadowSet.Shadow(
            model: model, share: PredictionDraw.share(percent: entry.percent), follows: follows(entry, route), cells: cells, classes: classes,
            policy: BreakerPolicy(ofShadowOf: file), tolerance: entry.tolerance,
            faults: faults.filter { $0.variant == entry.name }.map { PlanFault($0) })
    }

    /// A bit for each live variant whose predictions a shadow gets.
    private func follows(_ entry: ShadowEntry, _ route: RouteLoader.LoadedRoute) -> UInt32 {
        var mask: UInt32 = 0
        for (index, variant) in route.variants.enumerated() where entry.follow.isEmpty || entry.follow.contains(variant.name) { mask |= 1 << UInt32(index) }
        return mask
    }
}

extension BreakerPolicy {
    /// The route's rules, for a shadow: it waits for a CPU as long as others want it, so nothing is slow; and a probe may take as long as a call.
    fileprivate init(ofShadowOf route: RouteFile) {
        self.init(of: route)
        slowShare = 2
        lease = 2 * ShadowLimits.patience(deadline: route.deadline)
    }
}
