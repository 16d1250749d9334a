public import Synchronization

/// Counts on one reactor the exposures of one variant, revision and declaration, by slice of time and bucket of units.
///
/// Sendable for the reason given at ``VariantMeter``.
@safe @frozen public struct ExposureMeter: @unchecked Sendable {
    /// nil: there is no block, and nothing is counted.
    @usableFromInline let words: UnsafeMutablePointer<Word>?

    /// `words` are a block of exposures.
    init(words: UnsafeMutablePointer<Word>?) {
        unsafe self.words = words
    }

    /// Counts nothing: for exposures that have no block.
    package static var none: ExposureMeter { unsafe ExposureMeter(words: nil) }

    /// Counts the predictions of one exposure. False when there is no slot for it: the ids are then flagged as uncounted, and their
    /// outcomes enter no sum either.
    ///
    /// There is none for a slice that the ledger has already, and while the slot that the slice would take over holds one that the ledger
    /// does not have yet: when control has not folded for a whole window.
    ///
    /// - Parameters:
    ///   - slice: milliseconds since 1970 of the *id*, divided by the milliseconds of a slice.
    ///   - bucket: low eight bits of the unit's hash.
    ///   - rows: predictions, one for each row.
    @inlinable public func exposed(slice: UInt64, bucket: UInt8, rows: Int) -> Bool {
        guard let words = unsafe words, unsafe slice > words.value(at: CellLayout.foldedThrough) else { return false }
        let slot = CellLayout.head &+ Int(truncatingIfNeeded: slice & 63) &* ExposureLayout.slotWords
        // Within the ring: the slot is one of 64, the bucket one of 256.
        if unsafe words.value(at: slot) != slice &+ 1 {
            guard takeOver(slot, for: slice) else { return false }
        }
        unsafe words.add(UInt64(truncatingIfNeeded: rows), at: slot &+ 1 &+ Int(bucket))
        return true
    }

    /// Makes a slot another slice's. Once in a slice's time.
    ///
    /// The slot loses its names before its counts, and gets the new name after them: whenever this ends early, the slot is nobody's.
    @inline(never) @usableFromInline func takeOver(_ slot: Int, for slice: UInt64) -> Bool {
        guard let words = unsafe words else { return false }
        let end = slot + ExposureLayout.slotWords - 1
        // The caller's slot is within the ring.
        let held = unsafe words.value(at: slot)
        if held != 0, unsafe held - 1 > words.value(at: CellLayout.foldedThrough) { return false }
        unsafe words.set(0, at: slot)
        unsafe words.set(0, at: end)
        atomicMemoryFence(ordering: .acquiringAndReleasing)
        for index in (slot + 1)..<end { unsafe words.set(0, at: index) }
        atomicMemoryFence(ordering: .acquiringAndReleasing)
        unsafe words.set(slice &+ 1, at: end)
        unsafe words[slot].store(slice &+ 1, ordering: .releasing)
        return true
    }
}
