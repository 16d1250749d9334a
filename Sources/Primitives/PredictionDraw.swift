/// The uniform number of a prediction by which samples are picked: of the prediction log and of shadows alike, so that what is logged at 1 % is
/// copied at 2 %.
public enum PredictionDraw {
    /// 32 bits from what makes a prediction unique, and from nothing else: neither its unit, nor its variant, nor its answer.
    ///
    /// A share of `s` of 2^32 takes those below `s`.
    @inlinable @inline(__always) public static func draw(nonce: UInt64, reactor: Int, sequence: UInt64) -> UInt64 {
        // The finalizer of SplitMix64, which spreads every bit of its input over all of its output.
        var word = nonce ^ (UInt64(truncatingIfNeeded: reactor) &<< 56 | sequence) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return (word ^ (word &>> 31)) &>> 32
    }

    /// The share of 2^32 that `percent` is: 0 to 2^32.
    public static func share(percent: Double) -> UInt64 { UInt64((min(max(percent, 0), 100) / 100 * 4_294_967_296).rounded()) }
}
