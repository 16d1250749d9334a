/// Why the served variant is the one it is. Raw values are part of the prediction id's format.
public enum ServedReason: UInt8, Sendable, CaseIterable {
    /// The split assigned it: the ordinary case.
    case assigned = 0
    /// The assigned variant's breaker was open.
    case breaker = 1
    /// The assigned variant failed and another one was tried.
    case retry = 2
    /// The assigned variant failed and the route names this one for that case.
    case fallback = 3
    /// The caller named it and may.
    case override = 4

    /// The name in headers, metrics and logs.
    @inlinable public var name: StaticString {
        switch self {
        case .assigned: "assigned"
        case .breaker: "breaker"
        case .retry: "retry"
        case .fallback: "fallback"
        case .override: "override"
        }
    }

    /// The bytes of `name`, for writers that take no string. They live as long as the program.
    @inlinable public var nameBytes: UnsafeBufferPointer<UInt8> {
        // All names are longer than one character, so each has a start in the program's constants.
        unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }
}
