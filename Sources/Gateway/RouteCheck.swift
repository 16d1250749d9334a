import Inference
import RouteFiles

/// `weir check`: everything that serving would read, without serving.
package enum RouteCheck {
    /// Reads the folder, tries every model in quarantine, opens it and runs the samples.
    /// - Returns: the routes that could be served, and every complaint as `file:line: key: message`.
    /// - Throws: when ONNX Runtime cannot be used.
    package static func run(
        _ directory: String, onnxRuntime: String?, executable: String, limits: GatewayLimits
    ) throws -> (routes: [String], complaints: [String]) {
        guard let library = onnxRuntime ?? Engine.find(near: executable) else {
            throw ServerError.failed("ONNX Runtime is not here: run Sources/build, or set ORT_LIBRARY to libonnxruntime.so")
        }
        let engine = try Engine(library: library)
        let quarantine = Quarantine(library: library, runtime: engine.version, limits: limits, folder: nil)
        let loader = RouteLoader(engine: engine, reactors: 1, quarantine: quarantine)
        let (routes, complaints) = loader.load(directory)
        return (routes.map(\.file.name), complaints.map(\.description))
    }
}
