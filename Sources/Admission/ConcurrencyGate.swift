public import Synchronization

/// What a gate says to a request.
@frozen public enum ConcurrencyPass: UInt8, Sendable {
    /// It has a place.
    case taken
    /// It has a place beyond the limit, because the limit only observes.
    case takenBeyond
    /// There is no place; nothing is to be given back.
    case refused
}

/// How many requests are answered at once: a word that counts places. Who took one gives it back, once.
///
/// The word is shared by all reactors. Valid as long as the words it was made of.
@safe @frozen public struct ConcurrencyGate: @unchecked Sendable {
    // Sendable: one atomic word, and values.
    @usableFromInline let word: UnsafeMutablePointer<SharedWord>
    @usableFromInline let limit: UInt64
    /// False: a request beyond the limit is counted and let in.
    public let isEnforced: Bool

    /// A gate over the first of `words`.
    /// - Parameter limit: places; brought into `AdmissionLimits.concurrency`.
    package init(_ words: SharedWords, limit: Int, isEnforced: Bool) {
        // The address of a word that lives as long as the gate may be used.
        unsafe word = words.words
        self.limit = UInt64(min(max(limit, AdmissionLimits.concurrency.lowerBound), AdmissionLimits.concurrency.upperBound))
        self.isEnforced = isEnforced
    }

    /// Takes a place. By compare-and-swap and not by adding first: of two that ask for the last place exactly one is refused.
    @inlinable public func take() -> ConcurrencyPass {
        // The word is alive, see the type.
        var count = unsafe word.pointee.load(ordering: .relaxed)
        while true {
            let isBeyond = count >= limit
            if isBeyond, isEnforced { return .refused }
            let (isDone, found) = unsafe word.pointee.weakCompareExchange(expected: count, desired: count &+ 1, ordering: .relaxed)
            if isDone { return isBeyond ? .takenBeyond : .taken }
            count = found
        }
    }

    /// Gives a place back that was taken by a gate over the same words, whatever that one's limit.
    @inlinable public func giveBack() {
        // The word is alive, see the type.
        unsafe word.pointee.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Places taken now.
    package var taken: UInt64 {
        // The word is alive, see the type.
        unsafe word.pointee.load(ordering: .relaxed)
    }
}
