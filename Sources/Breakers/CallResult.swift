/// What became of a variant's call, as far as the variant had a part in it.
///
/// Never reported are the caller's faults, our own refusals (429, 503), and what the client cancelled: they say nothing about the variant.
@frozen public enum CallResult: UInt8, CaseIterable, Sendable {
    /// It answered in time.
    case ok
    /// It answered, but queue and model together took longer than the route calls slow. No failure: it ends a row of failures.
    case slow
    /// The model gave an error.
    case failed
    /// The model answered what it must not: a value that is not finite, or outside its contract.
    case invalid
    /// The deadline passed inside the model.
    case late
    /// A fault was injected for practice.
    case faulted

    /// Whether the call counts as a failure.
    @inlinable package var isFailure: Bool { rawValue > CallResult.slow.rawValue }
}
