import COnnxRuntime
import Synchronization

/// Stops runs of one lane from any thread. The lane must outlive it. A trivial value.
///
/// The runtime looks between operators only, so a model of one operator (a tree ensemble) runs to its end.
package struct Terminator: BitwiseCopyable, @unchecked Sendable {
    // Unchecked: the runtime's flag is made to be set while another thread runs, and the mark is an atomic word.
    let table: OpaquePointer
    let options: OpaquePointer
    let mark: UnsafePointer<Atomic<Bool>>

    /// Makes the current run and all later ones fail with `Lane.Fault.terminated` until `clear`.
    package func terminate() {
        mark.pointee.store(true, ordering: .releasing)
        // Setting a flag cannot fail; a status would only say that it did.
        if let status = weir_ort_terminate(table, options) { weir_ort_release(table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status)) }
    }

    /// Lets the lane run again.
    package func clear() {
        if let status = weir_ort_resume(table, options) { weir_ort_release(table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status)) }
        mark.pointee.store(false, ordering: .releasing)
    }
}

/// A lane's note that it was told to stop: the runtime keeps its own flag to itself.
struct StopMark: ~Copyable {
    private let memory: UnsafeMutablePointer<Atomic<Bool>>

    init() {
        memory = .allocate(capacity: 1)
        memory.initialize(to: Atomic(false))
    }

    deinit {
        memory.deinitialize(count: 1)
        memory.deallocate()
    }

    var word: UnsafePointer<Atomic<Bool>> { UnsafePointer(memory) }
    var isSet: Bool { memory.pointee.load(ordering: .acquiring) }
}
