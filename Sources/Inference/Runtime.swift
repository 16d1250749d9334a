import COnnxRuntime

/// The function table of the loaded library, and how its statuses become errors.
///
/// The table is constant for the life of the process and every function of it may be called on any thread.
struct Runtime: @unchecked Sendable {
    let table: OpaquePointer

    /// Throws what `error` makes of the status's message; success (nil) returns. The status is released either way.
    func check(_ status: OpaquePointer?, _ error: (String) -> InferenceError) throws(InferenceError) {
        guard let status else { return }
        throw error(takeMessage(of: status))
    }

    /// The message of a failure, whose status is released.
    func takeMessage(of status: OpaquePointer) -> String {
        defer { weir_ort_release(table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status)) }
        guard let message = weir_ort_error_message(table, status), message.pointee != 0 else {
            return "the runtime gives no reason (code \(weir_ort_error_code(table, status)))"
        }
        return String(cString: message)
    }

    /// The object that `create` makes; its failure is what `error` makes of the reason.
    func make(
        _ kind: WeirOrtKind, or error: (String) -> InferenceError, _ create: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
    ) throws(InferenceError) -> Owned {
        var object: OpaquePointer?
        try check(create(&object), error)
        guard let object else { throw error("the runtime answered success without an object") }
        return Owned(runtime: self, kind: kind, pointer: object)
    }

    /// The text that `read` leaves in memory of the runtime's `allocator`, which is freed; nil when it leaves none.
    func text(
        of allocator: OpaquePointer, or error: (String) -> InferenceError,
        _ read: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> OpaquePointer?
    ) throws(InferenceError) -> String? {
        var bytes: UnsafeMutablePointer<CChar>?
        try check(read(&bytes), error)
        guard let bytes else { return nil }
        let text = String(cString: bytes)
        try check(weir_ort_free(table, allocator, bytes), error)
        return text
    }
}

/// An object of the runtime that ends with this value.
struct Owned: ~Copyable {
    let runtime: Runtime
    let kind: WeirOrtKind
    let pointer: OpaquePointer

    deinit {
        weir_ort_release(runtime.table, kind, UnsafeMutableRawPointer(pointer))
    }
}
