public import Synchronization

/// What can happen to an exposure, and is compared between variants. Raw values are part of the layout; at most ``VariantLayout/kinds``.
@frozen public enum EventKind: UInt8, CaseIterable, Sendable {
    case exposure
    /// The model failed.
    case error
    /// The deadline passed.
    case timeout
    /// The answer took longer than the route calls slow.
    case slow
    /// The model's output was not finite, or broke the contract.
    case invalidOutput
    /// An outcome was reported.
    case outcomeArrived
}

/// Which slots of units had their first event of one kind: 2^20 bits that all reactors share.
///
/// A unit's slot does not depend on its variant. Only a slot's first event is evidence for the exact engine: counting every event of
/// units that come back gave 37 % false alarms in simulation. Bits are set and never cleared; a full map says no to everything.
///
/// Sendable although it is a pointer: every access is a relaxed atomic. The owner of the memory outlives the map.
@safe @frozen public struct FirstEventMap: @unchecked Sendable {
    /// Slots: bits of a map.
    @inlinable public static var slots: Int { 1 << 20 }
    /// Words of a map: 128 KB.
    @inlinable public static var words: Int { slots / 64 }

    @usableFromInline let bits: UnsafeMutablePointer<Word>

    /// The map of a kind, in memory that holds the maps of all kinds one after another, `EventKind.allCases.count * FirstEventMap.words` words.
    @unsafe @inlinable public init(of kind: EventKind, in words: UnsafeMutablePointer<Word>) {
        // The caller has room for all kinds.
        unsafe bits = words + Int(kind.rawValue) &* FirstEventMap.words
    }

    /// Whether this is the slot's first event; of callers at the same time exactly one is told so. Bits of `slot` above the twentieth
    /// are ignored.
    ///
    /// A word is only written when its bit is clear: once the units of a route are known, no reactor takes the line from another.
    @inlinable public func isFirst(slot: UInt64) -> Bool {
        // At most 2^14 - 1: within the map.
        let word = unsafe bits + Int(truncatingIfNeeded: (slot &>> 6) & UInt64(truncatingIfNeeded: FirstEventMap.words &- 1))
        let bit = 1 as UInt64 &<< (slot & 63)
        guard unsafe word.pointee.load(ordering: .relaxed) & bit == 0 else { return false }
        return unsafe word.pointee.bitwiseOr(bit, ordering: .relaxed).oldValue & bit == 0
    }

    /// Slots that had their first event. For readers: reads all 128 KB.
    package var filled: Int {
        // Within the map.
        (0..<Self.words).reduce(0) { unsafe $0 + bits.value(at: $1).nonzeroBitCount }
    }
}
