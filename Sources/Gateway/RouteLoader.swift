import Contracts
import Inference
import Metrics
import Primitives
import RouteFiles
import Routing
import TLS

/// From a folder of routes to models that are ready to answer: reads, checks and opens everything, and says everything that is wrong.
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
    }

    private struct WeakLaneSet {
        weak var set: LaneSet?
    }

    init(engine: Engine, reactors: Int, quarters: CrewQuarters? = nil) {
        self.engine = engine
        self.reactors = reactors
        self.quarters = quarters
    }

    /// A route with its models open, before its split is known.
    struct LoadedRoute {
        let file: RouteFile
        let contract: RouteContract
        let variants: [LoadedVariant]
        /// What features are compared with; nil without a file of sample rows.
        let bins: FeatureBins?
    }

    /// A variant with its model open.
    struct LoadedVariant {
        let name: String
        let sha256: String
        let lanes: LaneSet
    }

    /// Reads the folder. `progress` is told of each route before its models are opened.
    func load(_ directory: String, progress: (String) -> Void = { _ in }) -> (routes: [LoadedRoute], complaints: [Complaint]) {
        var (files, complaints) = RouteFolder.read(directory, digest: Self.digest)
        var routes: [LoadedRoute] = []
        complaints += Self.nameCollisions(files)
        for file in files {
            progress(file.name)
            let found = open(file)
            complaints += found.complaints
            if let route = found.route { routes.append(route) }
        }
        opened = opened.filter { $0.value.set != nil }
        return (routes, complaints)
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

    private func open(_ file: RouteFile) -> (route: LoadedRoute?, complaints: [Complaint]) {
        let contract: RouteContract
        let samples: SampleRows
        do {
            _ = try Salt(file.salt)
            contract = try RouteContract(Contract(of: file))
            samples = try SampleRows(file: file, contract: contract.contract)
        } catch let error as RoutingError {
            return (nil, [file.complaint(line: 1, key: "salt", "\(error)")])
        } catch let error as SampleRows.Failure {
            return (nil, [file.complaint(line: file.sample?.line ?? 1, key: "sample", error.reason)])
        } catch {
            return (nil, [file.complaint(line: file.inputLine, key: "input", "\(error)")])
        }
        var variants: [LoadedVariant] = []
        var complaints: [Complaint] = []
        for variant in file.variants {
            do throws(InferenceError) {
                variants.append(LoadedVariant(name: variant.name, sha256: variant.sha256, lanes: try lanes(file, variant, samples)))
            } catch {
                complaints.append(file.complaint(line: variant.modelLine, key: "variants.\(variant.name).model", "\(error)"))
            }
        }
        complaints += Self.differences(variants, file) + Self.labelsOfNothing(variants, file)
        guard complaints.isEmpty else { return (nil, complaints) }
        let bins = file.sample == nil ? nil : FeatureBins(samples.columns(contract.contract))
        return (LoadedRoute(file: file, contract: contract, variants: variants, bins: bins), [])
    }

    /// The variants of a route answer the same question: all with classes, the same ones, or all with a value.
    private static func differences(_ variants: [LoadedVariant], _ file: RouteFile) -> [Complaint] {
        guard let first = variants.first else { return [] }
        return variants.dropFirst().compactMap { variant in
            guard variant.lanes.isClassification != first.lanes.isClassification || Set(variant.lanes.labels) != Set(first.lanes.labels) else {
                return nil
            }
            let line = file.variants.first { $0.name == variant.name }?.modelLine ?? 1
            return file.complaint(
                line: line, key: "variants.\(variant.name).model",
                "answers \(Self.shape(variant.lanes)), but \(first.name) answers \(Self.shape(first.lanes)); clients could not tell them apart")
        }
    }

    /// True labels can be compared only with answers that are labels.
    private static func labelsOfNothing(_ variants: [LoadedVariant], _ file: RouteFile) -> [Complaint] {
        guard variants.contains(where: { !$0.lanes.isClassification }) else { return [] }
        return file.outcomes.filter { $0.kind == .label }.map {
            file.complaint(line: $0.line, key: "outcomes.\($0.name).kind", "is label, but the route's models answer a value; use mean or rate")
        }
    }

    private static func shape(_ lanes: LaneSet) -> String {
        lanes.isClassification ? "the classes \(lanes.labels.joined(separator: ", "))" : "a value"
    }

    private func lanes(_ file: RouteFile, _ variant: VariantEntry, _ samples: SampleRows) throws(InferenceError) -> LaneSet {
        let columns = file.input.map { Column(name: $0.name, isText: $0.type == .string) }
        let maxRows = max(GatewayLimits.rowsPerCall, file.maximumRows)
        let key = ModelKey(sha256: variant.sha256, columns: columns.map { "\($0.isText)\($0.name)" }, labels: file.labels, maxRows: maxRows)
        if let known = opened[key]?.set { return known }
        let path = file.folder + "/" + variant.model
        let bytes: FileBytes
        do { bytes = try FileBytes(path) } catch { throw .fileRefused(file: path, reason: "\(error)") }
        let labels = file.labels.isEmpty ? nil : file.labels
        let (engine, reactors, offer) = (engine, reactors, Placement.Offer(quarters: quarters))
        let set = try bytes.withBytes { content throws(InferenceError) -> LaneSet in
            // The file may have changed since its digest was compared.
            guard SHA256Digest.hexadecimal(of: content) == variant.sha256 else {
                throw .fileRefused(file: path, reason: "it changed while it was read")
            }
            return try LaneSet(
                engine: engine, bytes: content, file: path, columns: columns, labels: labels, reactors: reactors, maxRows: maxRows,
                model: UInt64(variant.sha256.prefix(16), radix: 16) ?? 0, samples: samples, offer: offer)
        }
        opened[key] = WeakLaneSet(set: set)
        return set
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
