import Contracts
import Inference
import Primitives
import Reactor
import RouteFiles
import Routing
import Synchronization
import TLS

/// What a folder of routes holds: files read, samples decoded, models tried in quarantine, and nothing opened yet.
struct RouteReading: Sendable {
    /// The routes about which there is no complaint.
    var routes: [ReadRoute] = []
    var complaints: [Complaint] = []

    /// A route that can be opened.
    struct ReadRoute: Sendable {
        let file: RouteFile
        let contract: RouteContract
        let samples: SampleRows
        /// Its variants' models and its shadows', each in the order of the file.
        var models: [RouteModel]

        init(file: RouteFile, contract: RouteContract, samples: SampleRows) {
            (self.file, self.contract, self.samples) = (file, contract, samples)
            models =
                file.variants.map { RouteModel(file, $0, samples: samples) } + file.shadows.map { RouteModel(file, $0, samples: samples) }
        }
    }

    /// The candidate of a variant, or of a shadow that was live, for a rerun after a crash; nil when the files no longer name it with this digest.
    func candidate(route: String, variant: String, sha256: String) -> Candidate? {
        routes.first { $0.file.name == route }?.models.first { $0.name == variant && $0.candidate.sha256 == sha256 }?.candidate
    }
}

/// Reads folders of routes. Any thread may use it; takes as long as the files take to be read and the new models to be tried.
struct RouteReader: Sendable {
    /// nil: models are opened untried.
    let quarantine: Quarantine?

    /// Reads the folder and tries what has not passed yet. `progress` is told how many models that are.
    ///
    /// - Parameter held: models that are kept out of traffic. They are not tried: one that fails must not stop what stands beside it.
    func read(_ directory: String, held: Set<BreakerBoard.Key> = [], progress: (String) -> Void = { _ in }) -> RouteReading {
        let (files, complaints) = RouteFolder.read(directory, digest: Self.digest)
        var reading = RouteReading(complaints: complaints + Self.nameCollisions(files))
        for file in files {
            switch Self.prepare(file) {
            case .success(let route): reading.routes.append(route)
            case .failure(let flaw): reading.complaints.append(flaw.complaint)
            }
        }
        tryModels(of: &reading, held: held, progress)
        return reading
    }

    /// Takes out the routes of which a model was refused, with a complaint about each.
    private func tryModels(of reading: inout RouteReading, held: Set<BreakerBoard.Key>, _ progress: (String) -> Void) {
        guard let quarantine else { return }
        let candidates = reading.routes.flatMap { route in
            route.models.filter { !$0.isHeld(held, of: route.file) }.map(\.candidate)
        }
        let verdicts = quarantine.verdicts(on: candidates) {
            progress("\($0) \($0 == 1 ? "model" : "models") in quarantine")
        }
        var next = verdicts.makeIterator()
        var refusals: [Complaint] = []
        reading.routes = reading.routes.compactMap { route in
            var route = route
            let before = refusals.count
            for (index, model) in route.models.enumerated() where !model.isHeld(held, of: route.file) {
                switch next.next() {
                case .passed(let pass)?: route.models[index].pass = pass
                case .refused(let refusal)?:
                    refusals.append(route.file.complaint(line: model.line, key: model.key, refusal.sentence(about: model.candidate.path)))
                case nil: break
                }
            }
            return refusals.count == before ? route : nil
        }
        reading.complaints += refusals
    }

    private struct Flaw: Error {
        let complaint: Complaint
    }

    private static func prepare(_ file: RouteFile) -> Result<RouteReading.ReadRoute, Flaw> {
        func flaw(_ line: Int, _ key: String, _ error: any Error) -> Result<RouteReading.ReadRoute, Flaw> {
            .failure(Flaw(complaint: file.complaint(line: line, key: key, "\(error)")))
        }
        do {
            _ = try Salt(file.salt)
            let contract = try RouteContract(Contract(of: file))
            return .success(RouteReading.ReadRoute(file: file, contract: contract, samples: try SampleRows(file: file, contract: contract.contract)))
        } catch let error as RoutingError {
            return flaw(1, "salt", error)
        } catch let error as SampleRows.Failure {
            return flaw(file.sample?.line ?? 1, "sample", error)
        } catch {
            return flaw(file.inputLine, "input", error)
        }
    }

    /// SHA-256 of a file by OpenSSL, in lower-case hexadecimal.
    private static func digest(_ path: String) throws -> String {
        try FileBytes(path).withBytes { SHA256Digest.hexadecimal(of: $0) }
    }

    /// Names travel as 32-bit hashes in prediction ids: two that collide cannot be told apart.
    private static func nameCollisions(_ files: [RouteFile]) -> [Complaint] {
        var seen: [UInt32: String] = [:]
        var complaints: [Complaint] = []
        for file in files {
            if let other = seen.updateValue(file.name, forKey: NameHash(of: file.name).value), other != file.name {
                complaints.append(file.complaint(line: 1, key: "route", "has the same 32-bit hash as the route \(other); rename one of them"))
            }
            // A shadow may become a variant.
            let models =
                file.variants.map { (name: $0.name, line: $0.line, key: "variants.\($0.name)") }
                + file.shadows.map { (name: $0.name, line: $0.line, key: "shadows.\($0.name)") }
            var names: [UInt32: String] = [:]
            for model in models {
                guard let other = names.updateValue(model.name, forKey: NameHash(of: model.name).value) else { continue }
                complaints.append(
                    file.complaint(line: model.line, key: model.key, "has the same 32-bit hash as \(other); rename one of them"))
            }
        }
        return complaints
    }
}

extension Contract {
    /// The contract that a route file declares.
    init(of file: RouteFile) throws(ContractError) {
        let unitField: String? = if case .field(let name) = file.unit { name } else { nil }
        try self.init(
            fields: file.input.map { ContractField(of: $0) }, extra: file.extraFields == .ignore ? .ignore : .refuse, unitField: unitField,
            maxRows: file.maximumRows)
    }
}

extension ContractField {
    fileprivate init(of field: InputField) {
        let kind: Kind =
            switch field.type {
            case .number: .number
            case .integer: .integer
            case .boolean: .boolean
            case .string: .string
            }
        var fallback: Value?
        if case .value(let value) = field.absent {
            switch value {
            case .number(let number): fallback = .number(number)
            case .boolean(let truth): fallback = .boolean(truth)
            case .string(let text): fallback = .text(text)
            }
        }
        self.init(
            name: field.name, kind: kind, minimum: field.minimum, maximum: field.maximum, fallback: fallback,
            isRequired: field.absent == .refused, values: field.values, maximumLength: field.maximumLength, isPrivate: field.isPrivate)
    }
}
