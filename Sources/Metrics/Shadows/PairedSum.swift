/// Sums over pairs of two numbers of one unit, primary and shadow, from which mean and variance of their difference follow.
///
/// Five words: pairs; sum of the primary's; sum of the shadow's; sum of squared differences, its low and its high 32 bits added up apart, so that
/// words of any number of blocks may be added one by one. Differences are shadow minus primary, kept within 2^40 either way.
package struct PairedSum: Equatable, Sendable {
    package private(set) var count: UInt64 = 0
    package private(set) var primary: Int64 = 0
    package private(set) var shadow: Int64 = 0
    /// Sum of squared differences.
    package private(set) var squares: Double = 0

    package static let words = 5

    package init() {}

    /// Reads the words of one block, or of a sum of blocks.
    init(_ words: ArraySlice<UInt64>) {
        let words = Array(words)
        count = words[0]
        (primary, shadow) = (Int64(bitPattern: words[1]), Int64(bitPattern: words[2]))
        squares = Double(words[3]) + Double(words[4]) * 4_294_967_296
    }

    /// Adds what other pairs summed up to.
    package mutating func merge(_ other: PairedSum) {
        count &+= other.count
        primary &+= other.primary
        shadow &+= other.shadow
        squares += other.squares
    }

    /// Mean of the differences; nil without any.
    package var mean: Double? { count > 0 ? Double(shadow &- primary) / Double(count) : nil }

    /// Variance of the differences, with n - 1; nil below two.
    package var variance: Double? {
        guard count > 1, let mean else { return nil }
        return max(0, (squares - Double(count) * mean * mean) / Double(count - 1))
    }
}

extension UnsafeMutablePointer where Pointee == Word {
    /// Adds a pair to the five words of a ``PairedSum`` at `start`, of which the caller is the only writer; or takes it away again, with
    /// `times` -1.
    func addPair(primary: Int64, shadow: Int64, times: Int64 = 1, at start: Int) {
        let bound: Int64 = 1 << 40
        let difference = min(max(shadow &- primary, -bound), bound).magnitude
        let (high, low) = difference.multipliedFullWidth(by: difference)
        let sign = UInt64(bitPattern: times)
        unsafe add(sign, at: start)
        unsafe add(UInt64(bitPattern: primary) &* sign, at: start + 1)
        unsafe add(UInt64(bitPattern: shadow) &* sign, at: start + 2)
        unsafe add((low & 0xFFFF_FFFF) &* sign, at: start + 3)
        unsafe add((high &<< 32 | low &>> 32) &* sign, at: start + 4)
    }
}
