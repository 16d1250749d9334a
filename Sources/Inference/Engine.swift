import COnnxRuntime
import Glibc

/// ONNX Runtime in this process: the library, its one environment and its allocator. One per process; any thread may use it.
///
/// Unchecked: all fields are constant after `init`, and the library's environment, allocator and memory description may be used on any
/// thread.
package final class Engine: @unchecked Sendable {
    /// The version that the library says of itself, such as "1.32.0".
    package let version: String

    let runtime: Runtime
    let allocator: OpaquePointer
    private let environmentHandle: Owned
    private let memoryHandle: Owned

    var environment: OpaquePointer { environmentHandle.pointer }
    var memory: OpaquePointer { memoryHandle.pointer }

    /// Loads the library, which then stays loaded. The library has one environment per process, with the first journal it was given: it
    /// lives as long as the process.
    package init(library path: String, journal: Journal = Journal()) throws(InferenceError) {
        guard access(path, F_OK) == 0 else { throw .libraryMissing(path: path) }
        // Read when the library starts, before the call below that disables events: without it the library keeps a database and an id of the
        // machine under ~/.cache and has threads to send them.
        setenv("ORT_DISABLE_TELEMETRY", "1", 1)
        func unusable(_ reason: String) -> InferenceError { .libraryUnusable(path: path, reason: reason) }

        guard let base = weir_ort_open(path) else {
            throw unusable(weir_ort_load_error().map { String(cString: $0) } ?? "OrtGetApiBase answers nothing")
        }
        let version = weir_ort_version(base).map { String(cString: $0) } ?? "unknown"
        guard let table = weir_ort_api(base) else {
            throw unusable("version \(version) does not offer version \(WEIR_ORT_API_VERSION) of the C interface")
        }
        let runtime = Runtime(table: table)
        let environment = try runtime.make(WEIR_ORT_ENV, or: unusable) { environment in
            let retained = Unmanaged.passRetained(journal).toOpaque()
            return weir_ort_new_env(table, receiveLine, retained, journal.threshold.rawValue, "weir", environment)
        }
        try runtime.check(weir_ort_disable_telemetry(table, environment.pointer), unusable)
        var allocator: OpaquePointer?
        try runtime.check(weir_ort_default_allocator(table, &allocator), unusable)
        guard let allocator else { throw unusable("there is no default allocator") }

        memoryHandle = try runtime.make(WEIR_ORT_MEMORY_INFO, or: unusable) { weir_ort_new_memory_info(table, $0) }
        environmentHandle = environment
        self.version = version
        self.runtime = runtime
        self.allocator = allocator
    }

    /// The library's file: `ORT_LIBRARY` when it is set, else beside the executable, else in `.onnxruntime/` of a folder above it.
    package static func find(near executable: String) -> String? {
        if let chosen = getenv("ORT_LIBRARY"), chosen.pointee != 0 { return String(cString: chosen) }
        var folder = parent(of: executable)
        if let beside = library(in: folder) { return beside }
        for _ in 0..<Limits.parentFolders {
            if let fetched = library(in: folder + "/.onnxruntime") { return fetched }
            guard !folder.isEmpty else { return nil }
            folder = parent(of: folder)
        }
        return nil
    }

    /// The names under which the library is looked for, the exact version first.
    private static let fileNames = ["libonnxruntime.so.1.32.0", "libonnxruntime.so.1", "libonnxruntime.so"]

    private static func library(in folder: String) -> String? {
        fileNames.map { folder + "/" + $0 }.first { access($0, R_OK) == 0 }
    }

    /// The path up to its last slash; "" at the root, "." for a bare name.
    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path.isEmpty ? "" : "." }
        return String(path[..<slash])
    }
}
