public import Primitives

/// Counts on one reactor which predictions a shadow gets a copy of. Sendable for the reason given at ``VariantMeter``.
@safe @frozen public struct CopyMeter: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Word>

    init(words: UnsafeMutablePointer<Word>) {
        unsafe self.words = words
    }

    /// Counts a prediction of which a copy is to be made.
    @inlinable public func sampled() {
        unsafe words.add(1, at: CopyLayout.sampled)
    }

    /// Counts one of which none is.
    @inlinable public func dropped(_ reason: ShadowDrop) {
        unsafe words.add(1, at: CopyLayout.drops &+ Int(reason.rawValue))
    }
}
