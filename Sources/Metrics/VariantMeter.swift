public import Primitives

/// Counts on one reactor what one variant did: a few pointers, copied freely, without reference counts.
///
/// The *served* variant's meter takes answers, scores and features, the *assigned* variant's meter exposures and events. Overrides are
/// recorded apart: callers count neither exposure, event, score nor feature of theirs.
///
/// Sendable because a plan carries it to its reactor; every access is a relaxed atomic. Two writers at once would be memory-safe
/// but lose counts.
@safe @frozen public struct VariantMeter: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Word>
    @usableFromInline let slots: UnsafePointer<FeatureSlot>?
    /// Features that have bins, and words for them.
    @usableFromInline let binned: Int
    /// First word of the features.
    @usableFromInline let features: Int
    @usableFromInline let probabilities: Int
    @usableFromInline let outputs: Int

    /// `words` are a block of this shape, `slots` as many slots as `binned` says.
    init(words: UnsafeMutablePointer<Word>, shape: VariantShape, slots: UnsafePointer<FeatureSlot>?, binned: Int) {
        unsafe self.words = words
        unsafe self.slots = slots
        self.binned = min(binned, shape.features)
        features = VariantLayout.tail + shape.featuresOffset
        probabilities = shape.probabilities
        outputs = shape.probabilities + shape.values
    }

    /// Counts one answer that the variant gave: 52 instructions (callgrind, x86_64), no lock. With an exposure, its slice and its first
    /// event a request takes 83.
    ///
    /// - Parameters:
    ///   - status: the code sent, or ``StatusCode/s499`` when the client went away.
    ///   - reason: why this variant answered; overrides are in no histogram.
    ///   - rows: rows that the request asked for.
    ///   - latency: from the request's first byte to its answer's last.
    ///   - queue: from the request's being ready to the model's call; ignored when the model was not reached.
    ///   - model: time inside the model; zero when the model was not reached, which records neither queue nor model time.
    @inlinable public func answered(
        status: StatusCode, reason: ServedReason, rows: Int, latency: Nanoseconds, queue: Nanoseconds, model: Nanoseconds
    ) {
        let reasonRow = Int(reason.rawValue)
        unsafe words.add(1, at: VariantLayout.answers &+ reasonRow &* CellLayout.statusWords &+ Int(status.rawValue))
        unsafe words.add(UInt64(truncatingIfNeeded: rows), at: VariantLayout.rows &+ reasonRow)
        if reason == .override { return }
        record(latency, at: VariantLayout.latency)
        if model == 0 { return }
        record(queue, at: VariantLayout.queue)
        record(model, at: VariantLayout.model)
    }

    /// Counts one request that was assigned to the variant, whoever answered it.
    @inlinable public func exposed(status: StatusCode, rows: Int) {
        unsafe words.add(1, at: VariantLayout.exposures &+ Int(status.rawValue))
        unsafe words.add(UInt64(truncatingIfNeeded: rows), at: VariantLayout.exposedRows)
    }

    /// Counts an event of an exposure; `isFirst` as ``FirstEventMap/isFirst(slot:)`` says.
    @inlinable public func event(_ kind: EventKind, isFirst: Bool) {
        unsafe words.add(1, at: VariantLayout.events &+ Int(kind.rawValue))
        unsafe words.add(isFirst ? 1 : 0, at: VariantLayout.firstEvents &+ Int(kind.rawValue))
    }

    /// Counts one output of one row: 28 instructions for a probability, 35 for a value. Outputs without a sketch are passed over.
    @inlinable public func score(output: Int, value: Double) {
        if UInt(bitPattern: output) >= UInt(bitPattern: outputs) { return }
        if output < probabilities {
            unsafe words.add(
                1, at: VariantLayout.tail &+ output &* ScoreCells.probabilityWords &+ ScoreCells.cell(ofProbability: value))
        } else {
            let start = probabilities &* ScoreCells.probabilityWords &+ (output &- probabilities) &* ScoreCells.valueWords
            unsafe words.add(1, at: VariantLayout.tail &+ start &+ ScoreCells.cell(ofValue: value))
        }
    }

    /// Counts a number, or a boolean as 0 or 1, of one row: 35 instructions. NaN is missing; features without bins are passed over.
    @inlinable public func feature(_ index: Int, _ value: Double) {
        guard UInt(bitPattern: index) < UInt(bitPattern: binned), let slots = unsafe slots else { return }
        // One of the `binned` slots; its word is one of the feature's 56.
        unsafe words.add(1, at: features &+ index &* FeatureSlot.words &+ slots[index].word(of: value))
    }

    /// Counts a text of one row by its UTF-8 bytes: 148 instructions for a short one. Features without bins are passed over.
    @inlinable public func feature(_ index: Int, text: RawSpan) {
        guard UInt(bitPattern: index) < UInt(bitPattern: binned), let slots = unsafe slots else { return }
        // One of the `binned` slots; its word is one of the feature's 56.
        unsafe words.add(1, at: features &+ index &* FeatureSlot.words &+ slots[index].word(of: text))
    }

    /// Counts a latency in the histogram whose words begin at `start`.
    @inlinable @inline(__always) func record(_ latency: Nanoseconds, at start: Int) {
        unsafe words.add(min(latency, LatencyHistogram.highest), at: start)
        unsafe words.add(1, at: start &+ 1 &+ LatencyHistogram.index(of: latency))
    }
}
