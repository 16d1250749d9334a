/// A name of a route or a variant in 32 bits, where 64 bytes of text do not fit: the low half of the XXH64 of its UTF-8, seed 0.
///
/// Two names with one hash cannot stand in one plan; whoever loads names refuses the second.
@frozen public struct NameHash: Hashable, Sendable {
    public var value: UInt32

    @inlinable public init(value: UInt32) {
        self.value = value
    }

    /// The hash of a name's UTF-8 bytes.
    @inlinable public init(of name: RawSpan) {
        value = UInt32(truncatingIfNeeded: XXH64.hash(name))
    }

    /// The hash of a name. For loading: the form over bytes is the one for requests.
    public init(of name: String) {
        // The bytes of a span of UInt8 have no padding to leak.
        self.init(of: unsafe name.utf8.span.bytes)
    }
}
