import Primitives
import Reactor
import Synchronization

/// The way of finished jobs back to one reactor: a list that any worker adds to, and its reactor takes as a whole.
///
/// A trivial value; `CrewQuarters` owns what it points to. The list is threaded through the jobs, so it can never be full, and there is no
/// order among threads to keep: adding is one compare-and-swap, taking one exchange. A list that is only ever taken as a whole has no ABA
/// problem.
struct CompletionQueue: @unchecked Sendable {
    // Workers touch `newest` only, which is atomic; `oldest` is the reactor's.
    private let core: UnsafeMutablePointer<Core>
    private let bell: Bell

    private struct Core: ~Copyable {
        /// Address of the newest finished job; 0 when there is none.
        let newest = Atomic<UInt>(0)
        /// What the reactor has taken and not looked at yet, oldest first.
        var oldest: CrewJobPointer?
    }

    /// The eventfd that wakes the reactor, for its poller.
    var number: Int32 { bell.number }

    init() throws(SystemError) {
        bell = try Bell()
        core = .allocate(capacity: 1)
        core.initialize(to: Core())
    }

    /// Frees it, when no worker and no reactor uses it any more.
    func free() {
        core.deinitialize(count: 1)
        core.deallocate()
        bell.shut()
    }

    /// Leaves a finished job for its reactor. Any thread. The reactor is woken by whoever adds the first: one write a wake at most.
    func push(_ job: CrewJobPointer) {
        var newest = core.pointee.newest.load(ordering: .relaxed)
        while true {
            job.pointee.next = CrewJobPointer(bitPattern: newest)
            let (isDone, now) = core.pointee.newest.weakCompareExchange(
                expected: newest, desired: UInt(bitPattern: job), ordering: .releasing)
            if isDone { break }
            newest = now
        }
        if newest == 0 { bell.ring() }
    }

    /// Hears the bell. The reactor only, and before it pops: a job that is left after that rings again.
    func hear() {
        bell.clear()
    }

    /// The next finished job, oldest first; nil when there is none. The reactor only.
    func pop() -> CrewJobPointer? {
        if core.pointee.oldest == nil { takeAll() }
        guard let job = core.pointee.oldest else { return nil }
        core.pointee.oldest = job.pointee.next
        job.pointee.next = nil
        return job
    }

    /// Takes the whole list and turns it round.
    private func takeAll() {
        guard core.pointee.newest.load(ordering: .relaxed) != 0 else { return }
        var next = CrewJobPointer(bitPattern: core.pointee.newest.exchange(0, ordering: .acquiring))
        while let job = next {
            next = job.pointee.next
            job.pointee.next = core.pointee.oldest
            core.pointee.oldest = job
        }
    }
}
