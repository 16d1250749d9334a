/// Where each number lies in a block of counters: the only place that knows.
///
/// A *block* is a run of 64-bit words with one writer (a reactor) and any number of readers; the words of all its kinds begin with a
/// head (``BlockHead``). Blocks lie in files, one for each start of a worker and reactor:
///
/// | words of a file | |
/// |---|---|
/// | 0 | ``fileMagic`` |
/// | 1 | ``version`` |
/// | 2, 3, 4 | start of the worker (milliseconds since 1970), its nonce, the reactor |
/// | 5 | bytes in use: blocks end there; written after the last of them is complete |
/// | 6 | process id |
/// | 512 … | blocks, one after another |
///
/// | words of a block | reactor (1) | route (2) | variant (3) | exposures (4) |
/// |---|---|---|---|---|
/// | 0 … 31 | head | head | head | head |
/// | 32 … | answers without a route, by ``StatusCode`` | answers without a variant, by status | ``VariantLayout`` | ``ExposureLayout`` |
/// | 64 … | refusals, by ``Refusal`` | | | |
/// | 80 … | single counters, by ``ReactorCounter`` | | | |
///
/// Of shadows there are copies (5, ``CopyLayout``) and pairs (6, ``PairLayout``).
///
/// All words after the head only grow (a ring's slots in a block of exposures excepted), in little-endian byte order. Words of equal
/// blocks add up one by one to a word-for-word equal sum, whatever the order (of ``PairLayout/largest`` the larger counts). Bump
/// ``version`` with any change of these constants: whoever keeps blocks in a file compares it before reading.
@frozen public enum CellLayout {
    /// Number of this layout.
    public static let version: UInt64 = 2

    /// Words that a block's length is rounded up to: 256 bytes. Two cache lines would do, because x86 prefetches lines in pairs and two
    /// reactors must never write to one pair; with four no head lies across two pages, so that a copy of pages never tears one.
    package static let alignment = 32
    /// Words that every block's length is a multiple of, in files written by anybody.
    static let leastAlignment = 16

    /// Words of a block's head.
    @inlinable public static var head: Int { 32 }
    /// Word of the head that names the last slice of exposures that the ledger has; the only one of the head that reactors read.
    @inlinable public static var foldedThrough: Int { 7 }
    /// Words of a file's head: one page.
    package static let fileHead = 512
    /// The first word of a file: `WEIRCELL` as its bytes lie.
    package static let fileMagic: UInt64 = 0x4C4C_4543_5249_4557
    /// The first word of a block, without the layout's number and the kind.
    package static let blockMagic: UInt64 = 0x5745_4952_0000_0000

    /// Words kept for ``StatusCode``; more than there are, so that a new code moves nothing.
    @inlinable public static var statusWords: Int { 32 }

    /// Route and reactor: first of the answers.
    @inlinable public static var answers: Int { head }
    /// Length of a route's block: 512 bytes.
    static let routeWords = rounded(answers + statusWords)

    /// Reactor: first of the refusals; 16 words are kept for them.
    @inlinable public static var refusals: Int { answers + statusWords }
    /// Reactor: first of the single counters; 48 words are kept for them.
    @inlinable public static var counters: Int { refusals + 16 }
    /// Length of a reactor's own block: 1 KB.
    static let reactorWords = rounded(counters + 48)

    static func rounded(_ words: Int) -> Int {
        (words + alignment - 1) / alignment * alignment
    }
}

/// The words of a variant's block after its head.
///
/// | word | |
/// |---|---|
/// | ``answers`` | answers, by ``ServedReason`` (8) and ``StatusCode`` (32): of the variant that *served* |
/// | ``rows`` | rows, by reason (8) |
/// | ``exposures`` | exposures, by status (32): of the variant that was *assigned* |
/// | ``exposedRows`` | rows of exposures (1) |
/// | ``firstEvents`` | first events of their unit's slot, by ``EventKind`` (8) |
/// | ``events`` | all events, by kind (8) |
/// | ``census`` | blocks (always 1), probabilities, values, features: what the tail holds |
/// | ``latency`` | sum, then buckets, of the time from first byte to answer; see ``LatencyHistogram`` |
/// | ``queue`` | the same of the time before the model's call |
/// | ``model`` | the same of the time inside the model |
/// | ``tail`` | score sketches (``ScoreSketch``) of the probabilities, of the values, then bins of the features (``FeatureBins``) |
///
/// The census makes a sum of blocks say what it holds without its heads: of `n` blocks the four words are `n` times those of one.
@frozen public enum VariantLayout {
    /// Reasons that have a row of answers.
    @inlinable public static var reasons: Int { 8 }
    /// Kinds of event that have a word.
    @inlinable public static var kinds: Int { 8 }

    @inlinable public static var answers: Int { CellLayout.head }
    @inlinable public static var rows: Int { answers + reasons * CellLayout.statusWords }
    @inlinable public static var exposures: Int { rows + reasons }
    @inlinable public static var exposedRows: Int { exposures + CellLayout.statusWords }
    @inlinable public static var firstEvents: Int { exposedRows + 1 }
    @inlinable public static var events: Int { firstEvents + kinds }
    @inlinable public static var census: Int { events + kinds }
    @inlinable public static var latency: Int { 352 }
    @inlinable public static var queue: Int { latency + LatencyHistogram.words }
    @inlinable public static var model: Int { queue + LatencyHistogram.words }
    @inlinable public static var tail: Int { 5_448 }

    /// Length of a block: 42.75 KB with an empty tail. Pages never written to cost no memory where blocks are not in a file.
    static func words(_ shape: VariantShape) -> Int {
        CellLayout.rounded(tail + shape.tailWords)
    }
}

/// The words of a block of exposures after its head: a ring of slots, each for one slice of time.
///
/// A slot is the slice's number plus one (0 for none), 256 counts by unit bucket, and the slice's number plus one again. A slot lies on at
/// most two pages, and each of them then holds one of the two names: a slot whose names differ was torn by a copy of pages at two
/// moments, and readers leave it out.
@frozen public enum ExposureLayout {
    /// Slots of the ring: a slice is a 64th of the longest outcome window, so the ring spans one window.
    @inlinable public static var slots: Int { 64 }
    /// Counts of a slot.
    @inlinable public static var buckets: Int { 256 }
    /// Words of a slot.
    @inlinable public static var slotWords: Int { buckets + 2 }
    /// Length of a block: 129.25 KB.
    static let words = CellLayout.rounded(CellLayout.head + slots * slotWords)
}
