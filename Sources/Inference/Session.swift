import COnnxRuntime
import Glibc

/// A loaded model. Small models are loaded once per reactor, because a shared session of a microsecond model scales below one thread.
///
/// Unchecked: all fields are constant after `init`; the runtime allows concurrent runs of one session.
package final class Session: @unchecked Sendable {
    /// The file's name, for messages.
    package let file: String
    package let inputs: [Port]
    package let outputs: [Port]
    package let card: ModelCard
    /// The size of the model file.
    package let byteCount: Int

    let engine: Engine
    /// The lists of class names in the file's graph.
    let classLists: [ClassList]
    private let handle: Owned

    var pointer: OpaquePointer { handle.pointer }

    /// Loads a model from the bytes of its file, which are not used afterwards. Takes 0.2 ms (logistic) to 0.1 s (large forest): not on a
    /// reactor.
    package init(engine: Engine, bytes: UnsafeRawBufferPointer, file: String) throws(InferenceError) {
        func refused(_ reason: String) -> InferenceError { .fileRefused(file: file, reason: reason) }
        guard let start = bytes.baseAddress, bytes.count > 0 else { throw refused("it is empty") }
        guard bytes.count <= Limits.modelBytes else {
            throw refused("it has \(bytes.count) bytes, more than \(Limits.modelBytes)")
        }
        if let objection = Objection.to(model: bytes) { throw refused(objection) }

        let runtime = engine.runtime
        let options = try Session.options(runtime, refused)
        handle = try runtime.make(WEIR_ORT_SESSION, or: refused) {
            weir_ort_new_session(runtime.table, engine.environment, start, bytes.count, options.pointer, $0)
        }
        inputs = try Session.ports(of: handle.pointer, .inputs, engine, refused)
        outputs = try Session.ports(of: handle.pointer, .outputs, engine, refused)
        card = try ModelCard(of: handle.pointer, engine, refused)
        classLists = GraphFacts(model: bytes).classLists
        byteCount = bytes.count
        self.engine = engine
        self.file = file
    }

    /// One thread, no spinning, no arena: parallelism comes from the reactors, and small models gain nothing from the rest (measured).
    private static func options(_ runtime: Runtime, _ error: (String) -> InferenceError) throws(InferenceError) -> Owned {
        let table = runtime.table
        let options = try runtime.make(WEIR_ORT_SESSION_OPTIONS, or: error) { weir_ort_new_session_options(table, $0) }
        let pointer = options.pointer
        try runtime.check(weir_ort_set_execution_mode(table, pointer, sequential), error)
        try runtime.check(weir_ort_disable_memory_pattern(table, pointer), error)
        try runtime.check(weir_ort_disable_arena(table, pointer), error)
        try runtime.check(weir_ort_set_optimization(table, pointer, everyOptimization), error)
        try runtime.check(weir_ort_set_intra_threads(table, pointer, 1), error)
        try runtime.check(weir_ort_set_inter_threads(table, pointer, 1), error)
        try runtime.check(weir_ort_set_option(table, pointer, "session.intra_op.allow_spinning", "0"), error)
        return options
    }

    private static let sequential: Int32 = 0
    private static let everyOptimization: Int32 = 99
}
