import Contracts
import Inference
import Reactor
import RouteFiles
import TLS

/// A new model beside what a route has, on rows that are at hand: what the model would find as a shadow, without a server and without traffic.
///
/// For one thread. Models run in this process, the new one after it has passed quarantine.
package final class OfflineComparison {
    let file: RouteFile
    let contract: Contract
    /// The new one.
    let model: OfflineModel
    private let route: RouteReading.ReadRoute
    private let engine: Engine
    /// The path as it was given.
    private let path: String

    /// Reads the route, tries the model in quarantine, and opens it.
    ///
    /// - Parameters:
    ///   - directory: the folder of routes.
    ///   - path: the new model's file.
    ///   - onnxRuntime: the runtime's file; nil to look for it near `executable`.
    ///   - program: the program that tries models, by its verb `quarantine`.
    /// - Throws: `ComparisonError`; `ServerError` and `InferenceError` when ONNX Runtime cannot be used.
    package init(
        routes directory: String, route name: String, model path: String, onnxRuntime: String?, executable: String, limits: GatewayLimits,
        program: String = "/proc/self/exe"
    ) throws {
        let route = try Self.route(name, in: directory)
        let sha256: String
        do { sha256 = try FileBytes(path).withBytes { SHA256Digest.hexadecimal(of: $0) } } catch {
            throw ComparisonError.refused("\(error)")
        }
        guard let library = onnxRuntime ?? Engine.find(near: executable) else {
            throw ServerError.failed("ONNX Runtime is not here: run Sources/build, or set ORT_LIBRARY to libonnxruntime.so")
        }
        let candidate = Candidate(route.file, path: path, sha256: sha256, samples: route.samples)
        engine = try Engine(library: library)
        let quarantine = Quarantine(program: program, library: library, runtime: engine.version, limits: limits, folder: nil)
        if case .refused(let refusal)? = quarantine.verdicts(on: [candidate]).first {
            throw ComparisonError.refused(refusal.sentence(about: path))
        }
        do { model = try OfflineModel(candidate, engine: engine) } catch { throw ComparisonError.refused("\(error)") }
        (self.route, self.path) = (route, path)
        (file, contract) = (route.file, route.contract.contract)
    }

    private static func route(_ name: String, in directory: String) throws(ComparisonError) -> RouteReading.ReadRoute {
        let reading = RouteReader(quarantine: nil).read(directory)
        if let route = reading.routes.first(where: { $0.file.name == name }) { return route }
        let own = reading.complaints.filter { $0.file.hasPrefix("\(directory)/\(name)/") }
        guard own.isEmpty else { throw .route(own.map(\.description)) }
        throw .unknownRoute(name, known: reading.routes.map(\.file.name))
    }

    /// An empty report.
    func report() -> ComparisonReport {
        ComparisonReport(route: file.name, model: path, sha256: model.candidate.sha256)
    }

    /// Counters for the new model. Two values diverge as they do at the shadow that has this model in the route's file, if one has.
    func pairs() -> OfflinePairs {
        let tolerance = file.shadows.first { $0.sha256 == model.candidate.sha256 }?.tolerance ?? Defaults.shadowTolerance
        return OfflinePairs(sha256: model.candidate.sha256, tolerance: tolerance)
    }

    /// Finishes a report.
    ///
    /// - Parameter labels: the primaries' classes in their order.
    /// - Throws: `ComparisonError.nothing` when no row is in the comparison.
    func finish(_ report: ComparisonReport, _ pairs: OfflinePairs, labels: [String]) throws(ComparisonError) -> ComparisonReport {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let figures = pairs.figures(name: name, labels: labels.isEmpty ? nil : labels) else {
            throw .nothing(report.firstSkipped ?? "there is none")
        }
        var report = report
        report.comparison = figures
        return report
    }

    /// Opens a variant or a shadow of the route.
    ///
    /// - Parameter name: nil for the variant with the largest weight in the file, the first of several.
    /// - Throws: `ComparisonError` when there is none, or it answers another question than the new model; `InferenceError` when it does not open.
    func open(_ name: String?) throws -> (name: String, model: OfflineModel) {
        let most = file.variants.reduce(file.variants.first) { ($0?.weight ?? 0) < $1.weight ? $1 : $0 }
        guard let entry = route.models.first(where: { $0.name == name ?? most?.name }) else {
            throw ComparisonError.unknownVariant(name ?? "", known: route.models.map(\.name))
        }
        let primary = try OfflineModel(entry.candidate, engine: engine)
        guard model.answers.answersLike(primary.answers) else {
            throw ComparisonError.refused("\(path) answers \(model.answers.shape), but \(entry.name) answers \(primary.answers.shape)")
        }
        return (entry.name, primary)
    }
}
