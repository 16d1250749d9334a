import Ledgers
import Primitives

/// A fault for practice, flat: what befalls a share of a variant's units, and until when.
struct PlanFault {
    let practice: Practice
    /// Of 2^32 units, how many meet it; 2^32 is all of them.
    let share: UInt64
    /// Wall milliseconds from which on it does nothing: no plan is made when a fault runs out.
    let ends: UInt64
}

extension PlanFault {
    /// The flat form of what the ledger says.
    init(_ entry: FaultEntry) {
        practice = Practice(entry.kind)
        // A share so small that it rounds to nothing still meets somebody.
        share = min(1 << 32, max(1, UInt64((entry.percent / 100 * 4_294_967_296).rounded())))
        ends = UInt64(max(0, entry.ends.milliseconds))
    }
}

extension Practice {
    /// The ledger's words for a fault.
    fileprivate init(_ kind: FaultKind) {
        switch kind {
        case .delay(let milliseconds): self.init(kind: .delay, delay: .milliseconds(UInt64(max(0, milliseconds))))
        case .abort: self.init(kind: .abort)
        case .nonFinite: self.init(kind: .nonFinite)
        case .crash: self.init(kind: .crash)
        }
    }
}
