import Metrics
import Recordings

/// The maps of first events of one route, in the words of a bitmap that outlives the server. A pointer: the plan keeps the bitmap.
///
/// Sendable: every access is an atomic operation.
struct FirstEvents: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Word>

    /// Words for the maps of all kinds.
    static let wordCount = EventKind.allCases.count * FirstEventMap.words

    init(_ bitmap: MappedBitmap) {
        words = bitmap.words
    }

    /// Whether this is the slot's first event of the kind.
    @inline(__always) func isFirst(_ kind: EventKind, slot: UInt64) -> Bool {
        FirstEventMap(of: kind, in: words).isFirst(slot: slot)
    }
}
