import Ledgers
import Primitives

/// A fault for practice, flat: what befalls a share of a variant's units, and until when.
struct PlanFault {
    /// What happens; the ledger's kinds.
    enum Kind: UInt8 {
        case delay, abort, nonFinite, crash
    }

    let kind: Kind
    /// Of a delay; 0 for other kinds.
    let delay: Nanoseconds
    /// Of 2^32 units, how many meet it; 2^32 is all of them.
    let share: UInt64
    /// Wall milliseconds from which on it does nothing: no plan is made when a fault runs out.
    let ends: UInt64

    init(_ entry: FaultEntry) {
        kind =
            switch entry.kind {
            case .delay: .delay
            case .abort: .abort
            case .nonFinite: .nonFinite
            case .crash: .crash
            }
        delay = .milliseconds(UInt64(max(0, entry.kind.milliseconds ?? 0)))
        // A share so small that it rounds to nothing still meets somebody.
        share = min(1 << 32, max(1, UInt64((entry.percent / 100 * 4_294_967_296).rounded())))
        ends = UInt64(max(0, entry.ends.milliseconds))
    }
}
