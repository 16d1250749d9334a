/// SplitMix64, a small seedable generator: jitter, generated rows, simulations. Not for secrets.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014). Equal seeds give equal sequences on every machine.
@frozen public struct SplitMix: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    @inlinable public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    @inlinable public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }
}
