internal import Primitives

/// Sums of one outcome in 256 buckets of units, exact: from them come means, variances between buckets and their errors.
///
/// All numbers are integers in millionths (squares in millionths of millionths) of 128 bits, so nothing is rounded, and adding 10^12
/// of the largest values does not overflow: order never matters, and what was added can be taken away.
package struct BucketSums: Hashable, Sendable {
    /// Number of buckets.
    package static let count = 256

    /// The sums of one bucket, or of several.
    package struct Bucket: Hashable, Sendable {
        /// Number of outcomes.
        package var count: Int64 = 0
        /// Sum of the values that count (capped), in 1e-6.
        package var total: Int128 = 0
        /// Sum of their squares, in 1e-12.
        package var squares: Int128 = 0
        /// Sum of the values as sent, in 1e-6.
        package var rawTotal: Int128 = 0

        package init(count: Int64 = 0, total: Int128 = 0, squares: Int128 = 0, rawTotal: Int128 = 0) {
            self.count = count
            self.total = total
            self.squares = squares
            self.rawTotal = rawTotal
        }
    }

    /// One for each value of the lowest byte of the unit's hash.
    package private(set) var buckets = [Bucket](repeating: Bucket(), count: BucketSums.count)

    package init() {}

    /// All buckets together.
    package var overall: Bucket {
        buckets.reduce(into: Bucket()) { $0.add($1) }
    }

    /// Adds one outcome.
    package mutating func add(_ counted: Int64, raw: Int64, to bucket: UInt8) {
        let one = Bucket(count: 1, total: Int128(counted), squares: Int128(counted) * Int128(counted), rawTotal: Int128(raw))
        buckets[Int(bucket)].add(one)
    }

    /// Takes away an outcome that was added.
    package mutating func remove(_ counted: Int64, raw: Int64, from bucket: UInt8) {
        let one = Bucket(count: -1, total: -Int128(counted), squares: -(Int128(counted) * Int128(counted)), rawTotal: -Int128(raw))
        buckets[Int(bucket)].add(one)
    }

    /// Adds other sums, bucket by bucket.
    package mutating func add(_ other: BucketSums) {
        for place in 0..<Self.count { buckets[place].add(other.buckets[place]) }
    }
}

extension BucketSums.Bucket {
    /// Adds the sums of another bucket.
    package mutating func add(_ other: Self) {
        count += other.count
        total += other.total
        squares += other.squares
        rawTotal += other.rawTotal
    }
}

extension BucketSums {
    /// Words of the stored form: counts, then low halves and high halves of the three sums, each for all buckets.
    private static let words = 7 * count

    /// The stored form: ``Primitives/SparseWords`` over the words above. Negative sums are stored as in `zigzag`.
    package func encoded() -> [UInt8] {
        var words = [UInt64](repeating: 0, count: Self.words)
        for (place, bucket) in buckets.enumerated() {
            words[place] = UInt64(bitPattern: bucket.count)
            for (index, sum) in [bucket.total, bucket.squares, bucket.rawTotal].enumerated() {
                let folded = Self.zigzag(sum)
                words[place + Self.count * (1 + 2 * index)] = UInt64(truncatingIfNeeded: folded)
                words[place + Self.count * (2 + 2 * index)] = UInt64(truncatingIfNeeded: folded >> 64)
            }
        }
        return SparseWords.encode(words)
    }

    /// The sums that `bytes` are the stored form of.
    ///
    /// - Throws: `StoredFault` for bytes that `encoded` does not make, and for sums too large to have come about.
    package init(decoding bytes: [UInt8]) throws(StoredFault) {
        guard let words = try? SparseWords.decode(bytes, limit: Self.words), words.count == Self.words else {
            throw StoredFault("no sums of \(Self.count) buckets")
        }
        for place in 0..<Self.count {
            let sums = (0..<3).map { index in
                let low = UInt128(words[place + Self.count * (1 + 2 * index)])
                return Self.unzigzag(low | UInt128(words[place + Self.count * (2 + 2 * index)]) << 64)
            }
            let bucket = Bucket(count: Int64(bitPattern: words[place]), total: sums[0], squares: sums[1], rawTotal: sums[2])
            guard bucket.isPlausible else { throw StoredFault("sums beyond all bounds in bucket \(place)") }
            buckets[place] = bucket
        }
    }

    /// Small numbers of either sign as small numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
    private static func zigzag(_ number: Int128) -> UInt128 {
        UInt128(bitPattern: number << 1 ^ number >> 127)
    }

    private static func unzigzag(_ number: UInt128) -> Int128 {
        Int128(bitPattern: number >> 1) ^ -Int128(bitPattern: number & 1)
    }
}

extension BucketSums.Bucket {
    /// Whether sums of outcomes can be this large: far from where adding many of them would overflow.
    fileprivate var isPlausible: Bool {
        (0...(1 << 40)).contains(count) && (0...(1 << 126)).contains(squares) && total.magnitude <= 1 << 84 && rawTotal.magnitude <= 1 << 84
    }
}
