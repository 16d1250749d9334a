import Inference
import RouteFiles

/// `weir check`: everything that serving would read, without serving.
package enum RouteCheck {
    /// Reads the folder, opens every model and runs the samples.
    /// - Returns: the routes that could be served, and every complaint as `file:line: key: message`.
    /// - Throws: when ONNX Runtime cannot be used.
    package static func run(_ directory: String, onnxRuntime: String?, executable: String) throws -> (routes: [String], complaints: [String]) {
        guard let library = onnxRuntime ?? Engine.find(near: executable) else {
            throw ServerError.failed("ONNX Runtime is not here: run Sources/build, or set ORT_LIBRARY to libonnxruntime.so")
        }
        let loader = RouteLoader(engine: try Engine(library: library), reactors: 1)
        let (routes, complaints) = loader.load(directory)
        return (routes.map(\.file.name), complaints.map(\.description))
    }
}
