/// Everything that one variant did under one revision and shape, from the words of its blocks: a live one, one of a file, or a sum of any
/// number of them.
package struct VariantRecord: Equatable, Sendable {
    package let route: String
    package let variant: String
    package let revision: UInt32
    package let shape: UInt64
    /// Blocks that were added up.
    package let blocks: UInt64
    /// Answers that the variant gave, by the raw values of `ServedReason` (8 rows) and ``StatusCode`` (32 columns).
    package let answersByReason: [[UInt64]]
    /// Rows that it was asked for, by reason.
    package let rowsByReason: [UInt64]
    /// Requests that were assigned to it, by the raw value of the ``StatusCode`` they ended in.
    package let exposures: [UInt64]
    /// Rows of these requests.
    package let exposedRows: UInt64
    /// Events of its exposures that were their unit's first of the kind, by ``EventKind``'s raw value.
    package let firstEvents: [UInt64]
    /// All events of its exposures.
    package let events: [UInt64]
    /// From a request's first byte to its answer's last.
    package let latency: LatencyHistogram
    /// Before the model's call.
    package let queue: LatencyHistogram
    /// Time inside the model.
    package let model: LatencyHistogram
    /// A sketch for each output.
    package let scores: [ScoreSketch]
    /// 56 words for each feature; see ``FeatureSlot``.
    package let features: [[UInt64]]

    /// What the tail of a variant's blocks holds.
    struct Census: Equatable {
        var blocks: UInt64
        var probabilities: Int
        var values: Int
        var features: Int
        var outputs: Int { probabilities + values }
    }

    /// Reads the words after the head, or a sum of such words.
    ///
    /// - Throws: ``BlockFault/content(_:)`` when they are not a variant's.
    package init(_ key: BlockKey, body: [UInt64]) throws(BlockFault) {
        let census = try Self.census(of: body)
        func words(_ start: Int, _ count: Int) -> [UInt64] {
            Array(body[(start - CellLayout.head)..<(start - CellLayout.head + count)])
        }
        func histogram(_ start: Int) -> LatencyHistogram {
            let counts = words(start + 1, LatencyHistogram.bucketCount)
            return counts.contains { $0 != 0 } ? LatencyHistogram(counts: counts, sum: words(start, 1)[0]) : LatencyHistogram()
        }
        (route, variant, revision, shape) = (key.route, key.variant, key.revision, key.shape)
        blocks = census.blocks
        answersByReason = (0..<VariantLayout.reasons).map {
            words(VariantLayout.answers + $0 * CellLayout.statusWords, CellLayout.statusWords)
        }
        rowsByReason = words(VariantLayout.rows, VariantLayout.reasons)
        exposures = words(VariantLayout.exposures, CellLayout.statusWords)
        exposedRows = words(VariantLayout.exposedRows, 1)[0]
        firstEvents = words(VariantLayout.firstEvents, VariantLayout.kinds)
        events = words(VariantLayout.events, VariantLayout.kinds)
        latency = histogram(VariantLayout.latency)
        queue = histogram(VariantLayout.queue)
        model = histogram(VariantLayout.model)
        let values = VariantLayout.tail + census.probabilities * ScoreCells.probabilityWords
        scores =
            (0..<census.probabilities).map {
                ScoreSketch(
                    kind: .probability, counts: words(VariantLayout.tail + $0 * ScoreCells.probabilityWords, ScoreCells.probabilityWords))
            }
            + (0..<census.values).map {
                ScoreSketch(kind: .value, counts: words(values + $0 * ScoreCells.valueWords, ScoreCells.valueWords))
            }
        let bins = values + census.values * ScoreCells.valueWords
        features = (0..<census.features).map { words(bins + $0 * FeatureBins.words, FeatureBins.words) }
    }

    /// What the words say that they hold; the words are as many as that needs.
    static func census(of body: [UInt64]) throws(BlockFault) -> Census {
        let start = VariantLayout.census - CellLayout.head
        guard body.count >= VariantLayout.tail - CellLayout.head, body[start] > 0 else { throw .content(.variant) }
        let blocks = body[start]
        var counts: [Int] = []
        for (word, limit) in zip(body[(start + 1)...(start + 3)], [Limits.sketchedOutputs, Limits.sketchedOutputs, Limits.binnedFeatures]) {
            guard word % blocks == 0, word / blocks <= UInt64(limit) else { throw .content(.variant) }
            counts.append(Int(word / blocks))
        }
        let census = Census(blocks: blocks, probabilities: counts[0], values: counts[1], features: counts[2])
        let tail =
            census.probabilities * ScoreCells.probabilityWords + census.values * ScoreCells.valueWords
            + census.features * FeatureBins.words
        guard body.count >= VariantLayout.tail - CellLayout.head + tail else { throw .content(.variant) }
        return census
    }
}
