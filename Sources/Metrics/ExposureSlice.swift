/// Exposures of one slice of time: how many predictions fell into each bucket of units.
package struct ExposureSlice: Equatable, Sendable {
    /// Milliseconds since 1970 divided by the milliseconds of a slice.
    package var slice: UInt64
    /// 256 counts of predictions.
    package var counts: [UInt64]

    package init(slice: UInt64, counts: [UInt64]) {
        self.slice = slice
        self.counts = counts
    }

    /// The whole slots among the words of a ring, oldest first.
    ///
    /// - Parameters:
    ///   - body: a block's words after the head; a slot that does not fit is left out.
    ///   - folded: slices up to this one are left out.
    ///   - last: slices after this one are left out.
    static func read(_ body: [UInt64], after folded: UInt64, through last: UInt64) -> [ExposureSlice] {
        stride(from: 0, to: ExposureLayout.slots * ExposureLayout.slotWords, by: ExposureLayout.slotWords).compactMap { start in
            let end = start + ExposureLayout.slotWords - 1
            guard end < body.count, body[start] != 0, body[start] == body[end] else { return nil }
            let slice = body[start] - 1
            guard slice > folded, slice <= min(last, Limits.lastSlice) else { return nil }
            return ExposureSlice(slice: slice, counts: Array(body[(start + 1)..<end]))
        }.sorted { $0.slice < $1.slice }
    }

    /// Slots whose two names differ, or name a time that cannot be: a copy of pages at two moments tore them, or a disk went bad, and their
    /// counts cannot be told apart.
    static func torn(_ body: [UInt64]) -> Int {
        (0..<ExposureLayout.slots).count { slot in
            let start = slot * ExposureLayout.slotWords
            let end = start + ExposureLayout.slotWords - 1
            return end < body.count && (body[start] != body[end] || body[start] > Limits.lastSlice + 1)
        }
    }
}
