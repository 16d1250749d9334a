import Admission
import Contracts
import Inference
import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import RouteFiles
import Routing
import TLS

/// Makes plans: route files and models by the loader, tokens, keys and revisions from the ledger. Belongs to the control thread.
final class PlanMaker {
    private let loader: RouteLoader
    let ledger: Ledger
    let cells: CellRegistry
    private let directory: String
    private let reactors: Int
    private let hashSeed = SecureRandom.word()
    private var generation: UInt64 = 0
    private var routes: [RouteLoader.LoadedRoute] = []
    /// What `routes` were opened from, and the shadows that were opened as live.
    private var reading = RouteReading()
    private var promoted: [String: [String]] = [:]
    /// Why a shadow that the ledger has promoted is not live in the last plan, or one that it has not is still.
    private(set) var troubles: [String] = []
    private var lastSet: UInt32 = 0
    let recorder: Recorder
    let breakers: BreakerBoard
    private let words = AdmissionWords()
    /// Whether faults that crash this process are in force.
    private let allowsCrashFaults: Bool

    init(loader: RouteLoader, ledger: Ledger, recorder: Recorder, directory: String, reactors: Int, allowsCrashFaults: Bool = false) {
        self.loader = loader
        self.ledger = ledger
        self.recorder = recorder
        cells = recorder.cells
        breakers = BreakerBoard(reactors: reactors)
        self.directory = directory
        self.reactors = reactors
        self.allowsCrashFaults = allowsCrashFaults
    }

    /// Reads the route files again, then makes a plan. With any complaint the routes stay as they were.
    /// - Throws: `ServerError.routes` with every complaint.
    func reload(progress: (String) -> Void = { _ in }) throws -> Plan {
        try reload(loader.reader.read(directory, progress: progress), progress: progress)
    }

    /// Makes a plan of what was read. With any complaint the routes stay as they were.
    /// - Throws: `ServerError.routes` with every complaint.
    func reload(_ reading: RouteReading, progress: (String) -> Void = { _ in }) throws -> Plan {
        var promoted = try promoted(of: reading)
        var loaded = try open(reading, promoted: promoted, progress: progress)
        guard !loaded.isEmpty else { throw ServerError.failed("there is no route in \(directory): a route is a folder with a route.yaml") }
        let now = Timestamp.now
        for route in loaded {
            let weights = route.file.variants.map { NamedWeight($0.name, $0.weight) }
            _ = try ledger.reconcile(route: route.file.name, fileWeights: weights, shadows: route.file.shadows.map(\.name), now: now)
            try declare(route, now: now)
            try declareShadows(of: route)
        }
        // Weights of the file's may have taken the place of a split that named a shadow.
        if case let after = try self.promoted(of: reading), after != promoted {
            promoted = after
            loaded = try open(reading, promoted: promoted)
        }
        let plan = try makePlan(of: loaded)
        (routes, self.reading, self.promoted, troubles) = (loaded, reading, promoted, [])
        return try latest(plan, live: promoted)
    }

    /// The plan, or one made anew: a shadow may have been promoted after models were opened and before the plan was made.
    private func latest(_ plan: Plan, live: [String: [String]]) throws -> Plan { try promoted(of: reading) == live ? plan : refresh() }

    private func open(
        _ reading: RouteReading, promoted: [String: [String]], progress: (String) -> Void = { _ in }
    ) throws -> [RouteLoader.LoadedRoute] {
        let (loaded, complaints) = loader.open(reading, held: try held(), promoted: promoted, progress: progress)
        guard complaints.isEmpty else { throw ServerError.routes(complaints.map(\.description)) }
        return loaded
    }

    /// The variants that the ledger keeps out of traffic.
    func held() throws(LedgerError) -> Set<BreakerBoard.Key> {
        Set(try ledger.held().map { BreakerBoard.Key($0) })
    }

    /// Makes a plan of the same routes with what the ledger says now. When a promoted shadow cannot be opened, its route stays as it was and `troubles`
    /// tells why; everything else is followed.
    func refresh() throws -> Plan {
        let live = try promoted(of: reading)
        troubles = []
        return try latest(live == promoted ? makePlan(of: routes) : follow(live), live: live)
    }

    private func follow(_ live: [String: [String]]) throws -> Plan {
        let opened = loader.open(reading, held: try held(), promoted: live)
        troubles = opened.complaints.map(\.description)
        let fresh = Dictionary(opened.routes.map { ($0.file.name, $0) }) { $1 }
        let loaded = routes.map { fresh[$0.file.name] ?? $0 }
        do {
            let plan = try makePlan(of: loaded)
            routes = loaded
            for name in fresh.keys { promoted[name] = live[name] }
            return plan
        } catch {
            troubles.append("\(error)")
            return try makePlan(of: routes)
        }
    }

    /// A number for a plan's shadows that no other plan's have.
    func nextSetNumber() -> UInt32 {
        lastSet &+= 1
        return lastSet
    }

    /// Whether models were given workers since the last plan, because calls of theirs had to be ended.
    func haveModelsMoved(_ logger: Logger) -> Bool {
        let (hasMoved, troubles) = loader.moveEndedModels()
        for trouble in troubles { logger.error("a slow model stays on the reactors", metadata: ["reason": "\(trouble)"]) }
        return hasMoved
    }

    private func makePlan(of routes: [RouteLoader.LoadedRoute]) throws -> Plan {
        let snapshot = try ledger.snapshot(now: .now)
        let revisions = Dictionary(snapshot.revisions.map { ($0.route, $0) }) { $1 }
        let faults = Dictionary(grouping: snapshot.faults, by: \.route)
        let held = Set(snapshot.held.map { BreakerBoard.Key($0) })
        recorder.beginPlan()
        breakers.beginPlan()
        var parts = try routes.map { route in
            let revision = try revision(of: route, newest: revisions[route.file.name])
            return try self.parts(route, revision, faults: faults[route.file.name] ?? [], held: held)
        }
        // Last, so that what room there is for counters is the variants' first.
        for (index, route) in routes.enumerated() {
            parts[index].shadows = self.shadows(of: route, revision: parts[index].revision, faults: faults[route.file.name] ?? [])
        }
        let shadows = parts.reduce(0) { $0 + ($1.shadows?.set.shadows.count ?? 0) }
        guard shadows <= ShadowLimits.processes else {
            throw ServerError.failed("the routes have \(shadows) shadows; each is a process, and \(ShadowLimits.processes) are the most")
        }
        guard let key = snapshot.predictionKeys.max(by: { $0.created < $1.created }), let unitKey = SipHash.Key(snapshot.unitKey),
            let secret = SipHash.Key(key.bytes)
        else { throw ServerError.failed("the ledger's keys are damaged") }
        let tokens = snapshot.tokens.filter(\.isUsable)
        let rates = tokens.map { TokenAdmission($0, words) }
        words.prune()
        generation += 1
        return try Plan(
            generation: generation, parts: parts, tokens: zip(tokens, rates).map { TokenEntry($0, rate: $1.rate) },
            holders: tokens.map { TokenHolder(name: $0.name, scopes: $0.scopes, route: $0.route) }, tokenWords: rates.compactMap(\.words),
            predictionKey: Primitives.PredictionKey(id: key.id, secret: secret), unitKey: unitKey, hashSeed: hashSeed,
            outcomes: try outcomeRules(routes, parts, keys: snapshot.predictionKeys))
    }

    /// The newest revision that names the variants whose models are open.
    private func revision(of route: RouteLoader.LoadedRoute, newest: RevisionEntry?) throws -> RevisionEntry {
        let open = Set(route.variants.map(\.name))
        func names(_ revision: RevisionEntry) -> Set<String> { Set(revision.weights.map(\.name)) }
        if let newest, names(newest) == open { return newest }
        guard let older = try ledger.history(route: route.file.name).first(where: { names($0) == open }) else {
            throw ServerError.failed("the ledger has no revision of \(route.file.name) for the variants \(open.sorted().joined(separator: ", "))")
        }
        return older
    }

    /// Whether a fault of a live variant is let do anything: one that crashes ends this process. (At a shadow it ends the shadow's alone.)
    private func allows(_ fault: FaultEntry) -> Bool { allowsCrashFaults || fault.kind != .crash }

    private func parts(
        _ route: RouteLoader.LoadedRoute, _ revision: RevisionEntry, faults: [FaultEntry], held: Set<BreakerBoard.Key>
    ) throws -> RouteParts {
        let file = route.file
        let shares = try route.variants.map { variant in
            guard let entry = revision.weights.first(where: { $0.name == variant.name }) else {
                throw ServerError.failed("revision \(revision.number) of \(file.name) does not name the variant \(variant.name)")
            }
            return Routing.Split.Share(name: variant.name, weight: entry.weight)
        }
        let recording = try recording(of: route)
        return RouteParts(
            name: file.name, path: file.path, unit: Routing.UnitSource(file.unit), split: try Routing.Split(shares), salt: try Salt(file.salt),
            revision: revision.number, contract: route.contract, bodyAtMost: file.maximumBodyBytes, deadline: file.deadline,
            cells: cells.route(file.name, created: MonotonicTime.wallMilliseconds()), reactors: reactors, recording: recording,
            fallback: file.fallback, admission: RouteAdmission(file, words),
            variants: route.variants.map { variant in
                let breaker = breaker(variant, of: file, held: held)
                var parts = variantParts(variant, of: route, revision: revision.number, recording, breaker)
                parts.faults = faults.filter { $0.variant == variant.name && allows($0) }.map { PlanFault($0) }
                return parts
            })
    }
}

extension Routing.UnitSource {
    fileprivate init(_ source: RouteFiles.UnitSource) {
        switch source {
        case .prediction: self = .none
        case .header(let name): self = .header(name)
        case .field(let name): self = .field(name)
        case .cookie(let name): self = .cookie(name)
        }
    }
}

extension SipHash.Key {
    fileprivate init?(_ bytes: [UInt8]) {
        self.init(bytes: bytes.span.bytes)
    }
}

extension AccessToken {
    /// Whether its digest is one; a damaged token is as good as none.
    fileprivate var isUsable: Bool { hash.count == SHA256Digest.byteCount }
}

extension TokenEntry {
    /// The flat form of a usable token.
    fileprivate init(_ token: AccessToken, rate: RateGate?) {
        let words = token.hash.withUnsafeBytes { bytes in (0..<4).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) } }
        self.init(
            digest: (words[0], words[1], words[2], words[3]), scopes: TokenScopes(rawValue: token.scopes.rawValue),
            route: token.route.map { NameHash(of: $0) }, expires: token.expires.map { UInt64(max(0, $0.milliseconds)) } ?? .max, rate: rate)
    }
}
