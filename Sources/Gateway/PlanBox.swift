import Synchronization

/// The plan in force, as control publishes it and reactors pick it up.
final class PlanBox: Sendable {
    // The lock protects the reference only. A reactor takes it when the generation has changed, never for a request.
    private let current: Mutex<Plan>
    private let published: Atomic<UInt64>
    // Plans that every reactor has let go; the lock is taken when a plan changes.
    private let retired = Mutex<[Plan]>([])

    init(_ plan: Plan) {
        current = Mutex(plan)
        published = Atomic(plan.generation)
    }

    /// The generation in force: one relaxed load.
    @inline(__always) var generation: UInt64 { published.load(ordering: .relaxed) }

    var plan: Plan { current.withLock { $0 } }

    /// Takes a plan that a reactor has let go. Closing models takes milliseconds: control does it, not the reactor that was last.
    func retire(_ plan: Plan) {
        retired.withLock { $0.append(plan) }
    }

    /// Frees what was retired and is held by nobody else.
    func freeRetired() {
        // Freed outside the lock, when the list that was taken ends.
        _ = retired.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }

    func publish(_ plan: Plan) {
        current.withLock { $0 = plan }
        published.store(plan.generation, ordering: .releasing)
    }
}

/// One reactor's hold on a plan: how many of its requests still use it.
struct PlanSlot {
    let plan: Unmanaged<Plan>
    let box: Unmanaged<PlanBox>
    var exchanges = 0
    var isCurrent = true

    /// Takes hold of a plan.
    static func make(_ plan: Plan, of box: PlanBox) -> UnsafeMutablePointer<PlanSlot> {
        let slot = UnsafeMutablePointer<PlanSlot>.allocate(capacity: 1)
        slot.initialize(to: PlanSlot(plan: .passRetained(plan), box: .passUnretained(box)))
        return slot
    }

    /// Lets the plan go once it is neither current nor used.
    static func releaseIfDone(_ slot: UnsafeMutablePointer<PlanSlot>) {
        guard !slot.pointee.isCurrent, slot.pointee.exchanges == 0 else { return }
        slot.pointee.box.takeUnretainedValue().retire(slot.pointee.plan.takeRetainedValue())
        slot.deallocate()
    }
}
