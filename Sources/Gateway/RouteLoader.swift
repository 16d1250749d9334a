import Inference
import Metrics
import Primitives
import Processes
import Reactor
import RouteFiles

/// From what a folder of routes holds to models that are ready to answer: opens everything, and says everything that is wrong.
///
/// Used by the control thread and by `weir check`; keeps what it opened for as long as a plan uses it, so that reading the folder again after
/// a small change is cheap.
final class RouteLoader {
    private let engine: Engine
    private let reactors: Int
    /// nil: models run on the reactors, whatever they take.
    private let quarters: CrewQuarters?
    private var opened: [ModelKey: WeakLaneSet] = [:]

    /// One model file as one contract sees it.
    private struct ModelKey: Hashable {
        let sha256: String
        let columns: [String]
        let labels: [String]
        let maxRows: Int
        let run: RunEntry?
    }

    private struct WeakLaneSet {
        weak var set: LaneSet?
    }

    /// Reads what this opens; on any thread.
    let reader: RouteReader

    init(engine: Engine, reactors: Int, quarters: CrewQuarters? = nil, quarantine: Quarantine? = nil) {
        self.engine = engine
        reader = RouteReader(quarantine: quarantine)
        self.reactors = reactors
        self.quarters = quarters
    }

    /// A route with its models open, before its split is known.
    struct LoadedRoute {
        let file: RouteFile
        let contract: RouteContract
        /// In the order of the file; then the shadows that are live, in that order too.
        let variants: [LoadedVariant]
        /// Those that are not live, in the order of the file, without those that are kept out of traffic.
        let shadows: [LoadedShadow]
        /// What features are compared with; nil without a file of sample rows.
        let bins: FeatureBins?
    }

    /// A variant with its model open.
    struct LoadedVariant {
        let name: String
        let sha256: String
        let lanes: LaneSet
    }

    /// A shadow, whose model is not open: it runs in another process.
    struct LoadedShadow {
        let entry: ShadowEntry
        let candidate: Candidate
        let answers: QuarantinePass
    }

    /// Opens what was read. `progress` is told of each route before its models are opened.
    ///
    /// - Parameters:
    ///   - held: models that are kept out of traffic: variants are opened, and nothing is run; shadows are left out.
    ///   - promoted: the shadows that are live, by their route's name; they are variants. Names that are no shadow's mean nothing.
    func open(
        _ reading: RouteReading, held: Set<BreakerBoard.Key> = [], promoted: [String: [String]] = [:], progress: (String) -> Void = { _ in }
    ) -> (routes: [LoadedRoute], complaints: [Complaint]) {
        var complaints = reading.complaints
        var routes: [LoadedRoute] = []
        for route in reading.routes {
            progress(route.file.name)
            let found = open(route, held, live: promoted[route.file.name] ?? [])
            complaints += found.complaints
            if let route = found.route { routes.append(route) }
        }
        opened = opened.filter { $0.value.set != nil }
        return (routes, complaints)
    }

    /// Reads the folder and opens what it holds.
    func load(_ directory: String, progress: (String) -> Void = { _ in }) -> (routes: [LoadedRoute], complaints: [Complaint]) {
        open(reader.read(directory, progress: progress), progress: progress)
    }

    /// Gives workers to the models that the watchdog had to end on a reactor since this was last asked.
    /// - Returns: whether a plan made now differs from the one before, and what stands in the way of a move.
    func moveEndedModels() -> (hasMoved: Bool, troubles: [InferenceError]) {
        var hasMoved = false
        var troubles: [InferenceError] = []
        for set in opened.values.compactMap(\.set) {
            do throws(InferenceError) {
                if try set.moveIfEnded() { hasMoved = true }
            } catch {
                troubles.append(error)
            }
        }
        return (hasMoved, troubles)
    }

    private func open(
        _ route: RouteReading.ReadRoute, _ held: Set<BreakerBoard.Key>, live: [String]
    ) -> (route: LoadedRoute?, complaints: [Complaint]) {
        let file = route.file
        var variants: [LoadedVariant] = []
        var shadows: [LoadedShadow] = []
        var known: [(model: RouteModel, answers: QuarantinePass)] = []
        var complaints: [Complaint] = []
        for model in route.models {
            let isHeld = model.isHeld(held, of: file)
            // A crash in here is a model's too.
            let slot = quarters.map { $0.watchList.slots.slot($0.reactors) }
            slot?.enter(
                route: NameHash(of: file.name).value, variant: NameHash(of: model.name).value, model: model.candidate.model,
                now: MonotonicTime.now(), deadline: Instant(nanoseconds: .max))
            defer { slot?.leave() }
            do throws(InferenceError) {
                if let entry = model.shadow, !live.contains(model.name) {
                    guard !isHeld else { continue }
                    let answers = if let pass = model.pass { pass } else { try self.answers(of: model.candidate) }
                    shadows.append(LoadedShadow(entry: entry, candidate: model.candidate, answers: answers))
                    known.append((model, answers))
                } else {
                    let lanes = try self.lanes(model.candidate, model.run, isHeld: isHeld)
                    variants.append(LoadedVariant(name: model.name, sha256: model.candidate.sha256, lanes: lanes))
                    known.append((model, QuarantinePass(lanes)))
                }
            } catch {
                complaints.append(file.complaint(line: model.line, key: model.key, "\(error)"))
            }
        }
        complaints += Self.differences(known, file) + Self.labelsOfNothing(variants, file)
        guard complaints.isEmpty else { return (nil, complaints) }
        let bins = file.sample == nil ? nil : FeatureBins(route.samples.columns(route.contract.contract))
        return (LoadedRoute(file: file, contract: route.contract, variants: variants, shadows: shadows, bins: bins), [])
    }

    /// What a shadow answers that nobody tried in quarantine: it is opened for a moment, and no row is run.
    private func answers(of candidate: Candidate) throws(InferenceError) -> QuarantinePass {
        try candidate.read().withBytes { content throws(InferenceError) in
            let session = try Session(engine: engine, bytes: content, file: candidate.path)
            return QuarantinePass(try Binding(session: session, columns: candidate.columns, labels: candidate.labels))
        }
    }

    /// The models of a route answer the same question, its shadows' too: all with classes, the same ones, or all with a value.
    private static func differences(_ models: [(model: RouteModel, answers: QuarantinePass)], _ file: RouteFile) -> [Complaint] {
        guard let first = models.first else { return [] }
        return models.dropFirst().filter { !$0.answers.answersLike(first.answers) }.map { model, answers in
            file.complaint(
                line: model.line, key: model.key,
                "answers \(answers.shape), but \(first.model.name) answers \(first.answers.shape); clients could not tell them apart")
        }
    }

    /// True labels can be compared only with answers that are labels.
    private static func labelsOfNothing(_ variants: [LoadedVariant], _ file: RouteFile) -> [Complaint] {
        guard variants.contains(where: { !$0.lanes.isClassification }) else { return [] }
        return file.outcomes.filter { $0.kind == .label }.map {
            file.complaint(line: $0.line, key: "outcomes.\($0.name).kind", "is label, but the route's models answer a value; use mean or rate")
        }
    }

    private func lanes(_ candidate: Candidate, _ run: RunEntry?, isHeld: Bool) throws(InferenceError) -> LaneSet {
        let columns = candidate.columns
        let key = ModelKey(
            sha256: candidate.sha256, columns: columns.map { "\($0.isText)\($0.name)" }, labels: candidate.labels ?? [], maxRows: candidate.maxRows,
            run: run)
        if let known = opened[key]?.set { return known }
        let (engine, reactors) = (engine, reactors)
        let offer = Placement.Offer(quarters: quarters, pin: run.map { Placement.Place($0) }, isHeld: isHeld)
        let set = try candidate.read().withBytes { content throws(InferenceError) -> LaneSet in
            try LaneSet(
                engine: engine, bytes: content, file: candidate.path, columns: columns, labels: candidate.labels, reactors: reactors,
                maxRows: candidate.maxRows, model: candidate.model, samples: isHeld ? nil : candidate.samples, offer: offer)
        }
        opened[key] = WeakLaneSet(set: set)
        return set
    }
}

extension Placement.Place {
    fileprivate init(_ entry: RunEntry) {
        switch entry {
        case .inline: self = .inline
        case .workers: self = .workers
        }
    }
}
