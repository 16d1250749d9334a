/// Where each number lies in a reactor's words: the only place that knows.
///
/// A *cell* is a run of 64-bit words with one writer (a reactor) and any number of readers. Three kinds exist:
///
/// | words of a variant's cell          | words of a route's cell | words of a reactor's cell           |
/// |------------------------------------|-------------------------|-------------------------------------|
/// | 0 … answers, by ``StatusCode``     | 0 … answers, by status  | 0 … answers without a route, by status |
/// | 32 rows                            |                         | 32 … refusals, by ``Refusal``       |
/// | 48 sum of latencies, then buckets  |                         | 48 … single counters (``ReactorCounter``) |
/// | … sum of model times, then buckets |                         |                                     |
///
/// All words are counters that only grow, in native byte order. Bump ``version`` with any change of these constants: whoever keeps
/// cells in a file compares it before reading.
@frozen public enum CellLayout {
    /// Number of this layout.
    public static let version: UInt64 = 1

    /// Words that a cell's length is rounded up to: 128 bytes, two cache lines, because x86 prefetches lines in pairs and two
    /// reactors must never write to one pair.
    public static let alignment = 16

    /// Words kept for ``StatusCode``; more than there are, so that a new code moves nothing.
    @inlinable public static var statusWords: Int { 32 }

    /// Variant: rows that were asked of the model.
    @inlinable public static var rows: Int { statusWords }
    /// Variant: end-to-end latency, see ``LatencyHistogram/words``.
    @inlinable public static var latency: Int { 48 }
    /// Variant: time inside the model.
    @inlinable public static var model: Int { latency + LatencyHistogram.words }
    /// Length of a variant's cell (27.5 KB; pages never written to cost no memory).
    public static let variantWords = rounded(latency + 2 * LatencyHistogram.words)

    /// Length of a route's cell.
    public static let routeWords = rounded(statusWords)

    /// Reactor: first of the refusals; 16 words are kept for them.
    @inlinable public static var refusals: Int { statusWords }
    /// Reactor: first of the single counters; 16 words are kept for them.
    @inlinable public static var counters: Int { refusals + 16 }
    /// Length of a reactor's own cell.
    public static let reactorWords = rounded(counters + 16)

    private static func rounded(_ words: Int) -> Int {
        (words + alignment - 1) / alignment * alignment
    }
}
