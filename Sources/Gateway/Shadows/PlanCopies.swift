import Metrics
import Primitives

/// Which predictions of a route its shadows get copies of, flat: a reactor's part of shadowing.
struct PlanCopies {
    /// One shadow.
    struct Entry {
        /// Of 2^32 predictions, how many it gets.
        let share: UInt64
        /// A bit for each variant whose predictions it gets, by number.
        let follows: UInt32
    }

    /// Number of the plan's ``ShadowSet``.
    let set: UInt32
    let count: Int
    /// The largest share: a draw that is not below it is nobody's.
    let most: UInt64
    private let entries: UnsafeMutablePointer<Entry>
    private let meters: UnsafeMutablePointer<CopyMeter>
    private let variants: Int

    /// - Parameter reactors: how many make copies.
    init(_ set: ShadowSet, reactors: Int) {
        self.set = set.number
        count = set.shadows.count
        variants = set.variants.count
        most = set.shadows.map(\.share).max() ?? 0
        entries = .allocate(capacity: max(1, count))
        meters = .allocate(capacity: max(1, reactors * count * variants))
        for (index, shadow) in set.shadows.enumerated() {
            (entries + index).initialize(to: Entry(share: shadow.share, follows: shadow.follows))
            for reactor in 0..<reactors {
                for (variant, cells) in shadow.cells.enumerated() {
                    (meters + (reactor * count + index) * variants + variant).initialize(to: cells.copies(reactor: reactor))
                }
            }
        }
    }

    func free() {
        entries.deallocate()
        meters.deallocate()
    }

    /// For whom a prediction that was assigned to this variant is: a bit for each shadow. Counts it as sampled for each.
    @inline(__always) func sample(draw: UInt64, variant: Int, reactor: Int) -> UInt32 {
        var mask: UInt32 = 0
        for index in 0..<count where draw < entries[index].share && entries[index].follows & (1 &<< UInt32(variant)) != 0 {
            mask |= 1 &<< UInt32(index)
            meters[(reactor &* count &+ index) &* variants &+ variant].sampled()
        }
        return mask
    }

    /// Counts a copy that is not made, for each shadow of the mask.
    func drop(_ reason: ShadowDrop, mask: UInt32, variant: Int, reactor: Int) {
        for index in 0..<count where mask & (1 &<< UInt32(index)) != 0 { meters[(reactor &* count &+ index) &* variants &+ variant].dropped(reason) }
    }
}
