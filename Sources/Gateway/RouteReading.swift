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

        /// Its models as quarantine and loader see them, in the order of the file's variants.
        var candidates: [Candidate] { file.variants.map { Candidate(file, $0, samples: samples) } }
    }

    /// The candidate of a variant, for a rerun after a crash; nil when the files no longer name it with this digest.
    func candidate(route: String, variant: String, sha256: String) -> Candidate? {
        guard let route = routes.first(where: { $0.file.name == route }),
            let entry = route.file.variants.first(where: { $0.name == variant && $0.sha256 == sha256 })
        else { return nil }
        return Candidate(route.file, entry, samples: route.samples)
    }
}

/// Reads folders of routes. Any thread may use it; takes as long as the files take to be read and the new models to be tried.
struct RouteReader: Sendable {
    /// nil: models are opened untried.
    let quarantine: Quarantine?

    /// Reads the folder and tries what has not passed yet. `progress` is told how many models that are.
    ///
    /// - Parameter held: variants that are kept out of traffic. They are not tried: one that fails must not stop what stands beside it.
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
        func isTried(_ variant: VariantEntry, _ file: RouteFile) -> Bool {
            !held.contains(BreakerBoard.Key(route: file.name, variant: variant.name, sha256: variant.sha256))
        }
        let candidates = reading.routes.flatMap { route in
            zip(route.file.variants, route.candidates).filter { isTried($0.0, route.file) }.map(\.1)
        }
        let verdicts = quarantine.verdicts(on: candidates) {
            progress("\($0) \($0 == 1 ? "model" : "models") in quarantine")
        }
        var next = verdicts.makeIterator()
        var refusals: [Complaint] = []
        reading.routes = reading.routes.filter { route in
            let before = refusals.count
            for (variant, candidate) in zip(route.file.variants, route.candidates) where isTried(variant, route.file) {
                guard case .refused(let refusal)? = next.next() else { continue }
                refusals.append(
                    route.file.complaint(
                        line: variant.modelLine, key: "variants.\(variant.name).model", refusal.sentence(about: candidate.path)))
            }
            return refusals.count == before
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
            var variants: [UInt32: String] = [:]
            for variant in file.variants {
                guard let other = variants.updateValue(variant.name, forKey: NameHash(of: variant.name).value) else { continue }
                complaints.append(
                    file.complaint(line: variant.line, key: "variants.\(variant.name)", "has the same 32-bit hash as \(other); rename one of them"))
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
