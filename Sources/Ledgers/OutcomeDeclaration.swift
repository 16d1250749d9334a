/// A numbered, immutable statement of a route's outcomes. Sums of two declarations are never added: a change begins new ones.
package struct OutcomeDeclaration: Hashable, Sendable {
    /// Milliseconds that are given to an outcome on its way, beyond the end of its slice and window, before the slice is matured.
    package static let graceMilliseconds: Int64 = 2_000
    /// The slice that holds all slices which were merged: matured for every window of its declaration.
    package static let mergedSlice: Int64 = -1

    package var route: String
    /// 1 for a route's first, then without gaps. A prediction id carries the lowest three bits.
    package var number: UInt32
    package var at: Timestamp
    /// Length of a slice of exposures in milliseconds: an exposure belongs to slice `time / length`.
    package var sliceMilliseconds: Int64
    package var outcomes: [OutcomeRule]
    /// The first slice that has not been merged into `mergedSlice`.
    package var mergedBefore: Int64
}

extension OutcomeDeclaration {
    /// The length of slices that suits some outcomes: the longest window is 64 of them, none is shorter than a second.
    package static func sliceMilliseconds(for outcomes: [OutcomeRule]) -> Int64 {
        let longest = outcomes.map(\.windowMilliseconds).max() ?? 0
        return max(1_000, longest / 64 + (longest % 64 > 0 ? 1 : 0))
    }

    /// Milliseconds of the longest window; 0 without outcomes.
    package var longestWindow: Int64 { outcomes.map(\.windowMilliseconds).max() ?? 0 }

    /// Whether all outcomes of a window that can still count for `slice` had arrived by `asOf`.
    package func isMatured(slice: Int64, windowMilliseconds: Int64, asOf: Timestamp) -> Bool {
        slice < firstMaturing(windowMilliseconds: windowMilliseconds, asOf: asOf)
    }

    /// The first slice that is not matured for a window: all before it are.
    package func firstMaturing(windowMilliseconds: Int64, asOf: Timestamp) -> Int64 {
        // Slice s ends at (s + 1) · length and is matured when that + window + grace <= asOf.
        let time = asOf.milliseconds.subtractingReportingOverflow(windowMilliseconds)
        let (settled, overflow) = time.partialValue.subtractingReportingOverflow(Self.graceMilliseconds)
        guard !time.overflow, !overflow, settled > 0, sliceMilliseconds > 0 else { return 0 }
        return settled / sliceMilliseconds
    }
}
