/// Why a model cannot be used. Each description says what to do or what was expected and what was found.
package enum InferenceError: Error, Equatable, Sendable {
    /// The library was found nowhere.
    case libraryMissing(path: String)
    /// There is a file, but it is no ONNX Runtime that can be used.
    case libraryUnusable(path: String, reason: String)
    /// The runtime does not open the model, or it is too large.
    case fileRefused(file: String, reason: String)
    /// The model does not fit the contract: `port` is its input or output.
    case mismatch(file: String, port: String, expected: String, found: String)
    /// The runtime failed in something that does not depend on the file's content.
    case runtimeFailed(file: String, operation: String, reason: String)
}

extension InferenceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .libraryMissing(let path):
            "ONNX Runtime is not at \(path): run Sources/build, or set ORT_LIBRARY to libonnxruntime.so"
        case .libraryUnusable(let path, let reason):
            "\(path) cannot be used as ONNX Runtime: \(reason)"
        case .fileRefused(let file, let reason):
            "\(file) is refused: \(reason)"
        case .mismatch(let file, let port, let expected, let found):
            "\(file), \(port): expected \(expected), found \(found)"
        case .runtimeFailed(let file, let operation, let reason):
            "\(file): \(operation) failed: \(reason)"
        }
    }
}
