import Breakers
import Ledgers
import Metrics
import Primitives
import Reactor
import RouteFiles

// What a plan needs for recording: declarations of outcomes, and the cells that its reactors count into.

extension PlanMaker {
    /// Enters a route's outcomes in the ledger, under a new number when they are other than before.
    func declare(_ route: RouteLoader.LoadedRoute, now: Timestamp) throws(LedgerError) {
        let file = route.file
        guard !file.outcomes.isEmpty else { return }
        // A variant more, with the same classes, is no other declaration.
        let common = route.variants.first?.lanes.labels ?? []
        let others = route.variants.filter { $0.lanes.labels != common }.map { ($0.name, $0.lanes.labels) }
        let classes = Dictionary([("", common)] + others) { $1 }
        let rules = file.outcomes.map { OutcomeRule($0, classes: classes) }
        let slice = OutcomeDeclaration.sliceMilliseconds(for: rules)
        _ = try ledger.declare(route: file.name, outcomes: rules, sliceMilliseconds: slice, now: now)
    }

    /// How a route is recorded.
    func recording(of route: RouteLoader.LoadedRoute) throws(LedgerError) -> RouteRecording {
        let file = route.file
        var recording = RouteRecording(
            slow: file.slow, logShare: UInt64(file.logPercent / 100 * 4_294_967_296), hasBins: route.bins != nil)
        if !file.outcomes.isEmpty, let declaration = try ledger.declarations(route: file.name).last {
            recording.declaration = declaration.number
            recording.sliceMilliseconds = UInt64(declaration.sliceMilliseconds)
        }
        if case .prediction = file.unit { return recording }
        guard recording.declaration > 0 else { return recording }
        recording.firsts = recorder.firsts(key: Self.experiment(route, declaration: recording.declaration))
        return recording
    }

    /// A variant with the cells of this revision.
    func variantParts(
        _ variant: RouteLoader.LoadedVariant, of route: RouteLoader.LoadedRoute, revision: UInt32, _ recording: RouteRecording,
        _ breaker: VariantBreaker
    ) -> VariantParts {
        let lanes = variant.lanes
        let now = MonotonicTime.wallMilliseconds()
        let model = Array(variant.sha256.utf8)
        let shape = VariantShape(
            model: model.span.bytes, probabilities: lanes.isClassification ? lanes.scoreCount : 0,
            values: lanes.isClassification ? 0 : lanes.scoreCount, bins: route.bins)
        let cells = cells.variant(
            route: route.file.name, variant: variant.name, revision: revision, shape: shape, bins: route.bins, created: now)
        guard recording.sliceMilliseconds > 0 else {
            return VariantParts(name: variant.name, lanes: lanes, cells: cells, breaker: breaker)
        }
        let key = ExposureKey(
            route: route.file.name, variant: variant.name, revision: revision, declaration: recording.declaration,
            sliceMilliseconds: recording.sliceMilliseconds)
        let exposures = self.cells.exposures(key, created: now)
        if exposures == nil { recorder.warnOfExposures(route: route.file.name) }
        return VariantParts(name: variant.name, lanes: lanes, cells: cells, breaker: breaker, exposures: exposures)
    }

    /// What the thread that stores outcomes has to know.
    func outcomeRules(
        _ routes: [RouteLoader.LoadedRoute], _ parts: [RouteParts], keys: [Ledgers.PredictionKey]
    ) throws(LedgerError) -> OutcomeRules {
        var rules: [UInt32: RouteOutcomes] = [:]
        for (route, parts) in zip(routes, parts) {
            rules[NameHash(of: route.file.name).value] = try outcomes(of: route, parts)
        }
        let verifying = keys.compactMap { key in
            SipHash.Key(bytes: key.bytes.span.bytes).map { Primitives.PredictionKey(id: key.id, secret: $0) }
        }
        return OutcomeRules(keys: verifying, routes: rules)
    }

    private func outcomes(of route: RouteLoader.LoadedRoute, _ parts: RouteParts) throws(LedgerError) -> RouteOutcomes {
        let file = route.file
        guard !file.outcomes.isEmpty else { return RouteOutcomes(route: file.name, declarations: [], current: [], variants: [:]) }
        var variants: [UInt32: String] = [:]
        // Variants of old revisions too: their predictions may still be waiting for outcomes.
        for revision in try ledger.history(route: file.name) {
            for share in revision.weights { variants[NameHash(of: share.name).value] = share.name }
        }
        let declarations = try ledger.declarations(route: file.name).suffix(RouteOutcomes.declarationsAtMost)
        return RouteOutcomes(
            route: file.name, declarations: Array(declarations), current: Set(file.outcomes.map(\.name)), variants: variants,
            shadowOutcome: parts.shadows?.set.truth?.name, arrivals: arrivals(of: parts))
    }

    private func arrivals(of parts: RouteParts) -> OutcomeArrivals {
        let cells = Dictionary(parts.variants.map { (NameHash(of: $0.name).value, $0.cells) }) { $1 }
        return OutcomeArrivals(
            revision: parts.revision, cells: cells, firsts: parts.recording.firsts.map { FirstEvents($0) })
    }

    /// What first events are counted in: units, models and outcomes. With another one, every unit is new again.
    private static func experiment(_ route: RouteLoader.LoadedRoute, declaration: UInt32) -> UInt64 {
        let file = route.file
        let facts = [file.name, file.salt, "\(file.unit)", "\(declaration)"] + route.variants.flatMap { [$0.name, $0.sha256] }
        return XXH64.hash(Array(facts.joined(separator: "\u{1F}").utf8).span.bytes)
    }
}

extension OutcomeRule {
    /// The ledger's form of what a route file says.
    fileprivate init(_ entry: RouteFiles.OutcomeEntry, classes: [String: [String]]) {
        let kind: Kind =
            switch entry.kind {
            case .rate: .rate
            case .mean: .mean
            case .label: .label
            }
        self.init(
            name: entry.name, kind: kind, isHigherBetter: entry.isHigherBetter, windowMilliseconds: Int64(entry.window / 1_000_000),
            cap: entry.cap.map { Int64(($0 * 1_000_000).rounded()) }, absence: entry.isZeroWhenAbsent ? .zero : .unknown,
            classes: kind == .label ? classes : nil)
    }
}
