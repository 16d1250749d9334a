/// The right to send one call through a breaker that is not closed, until it expires. Ends with its report, or is given back.
@frozen public struct BreakerLease: Equatable, Sendable {
    /// Generation of the breaker's word when the lease was given; a report under any other one comes too late.
    @usableFromInline let generation: UInt16

    @inlinable init(generation: UInt16) {
        self.generation = generation
    }
}

/// A breaker's answer to a unit that is assigned to its variant.
@frozen public enum BreakerPass: Equatable, Sendable {
    /// Serve it here.
    case serve
    /// Serve it here, as a probe: report it with this lease, or give the lease back.
    case probe(BreakerLease)
    /// Another variant serves it, if one can.
    case elsewhere
    /// As `elsewhere`, and this variant must not be called even if it is the only one.
    case held
}
