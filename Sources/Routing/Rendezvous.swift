import Glibc
import Primitives

/// The formula of assignment: weighted rendezvous hashing.
///
/// For every variant with a weight above zero: `h = XXH64(salt 0x1F name 0x1F unit)`, seed 0; `u = (Double(h >> 12) + 0.5) × 2^-52`;
/// `score = -ln(u) / weight`. The smallest score wins, ties go to the name that sorts first. `u` is uniform, so `-ln(u)` is a standard
/// exponential, the score an exponential with rate `weight`, and the chance to be smallest is weight / sum. Frozen: published vectors fix
/// the choice. Two libraries whose `ln` differ in the last bit can disagree only on scores that close: about one unit in 10^15.
enum Rendezvous {
    /// Between salt, name and unit. Names and salts never hold it, so no two triples give the same bytes.
    static let separator: UInt8 = 0x1F

    /// The hasher that has taken everything before the unit.
    static func prefix(salt: Salt, name: String) -> XXH64 {
        var hasher = XXH64()
        // The bytes of a span of UInt8 have no padding to leak.
        hasher.append(unsafe salt.text.utf8.span.bytes)
        hasher.append(separator)
        hasher.append(unsafe name.utf8.span.bytes)
        hasher.append(separator)
        return hasher
    }

    /// The score of a variant, given the hash of salt, name and unit.
    @inline(__always) static func score(hash: UInt64, weight: Double) -> Double {
        // 52 bits fit a signed word, whose conversion is one instruction, and a double, exactly: 0 < u < 1.
        let uniform = (Double(Int64(bitPattern: hash >> 12)) + 0.5) * 0x1p-52
        return -log(uniform) / weight
    }
}
