import Primitives
import Processes
import Reactor
import Synchronization

/// What all crews of a process share: each reactor's queue of finished jobs, the list that the watchdog reads, and the thread slots that no
/// crew has taken.
///
/// Slots: reactor n has slot n, the control plane's loop the one after the last reactor, and crews take theirs from what follows.
final class CrewQuarters: Sendable {
    let reactors: Int
    let watchList: WatchList
    private let queues: [CompletionQueue]
    // The lock protects the list of free slots; it is taken when a crew is formed or disbanded.
    private let freeSlots: Mutex<[Int]>

    /// Slots that a process with so many reactors needs.
    static func slots(reactors: Int) -> Int { reactors + 1 + GatewayLimits.crewThreads }

    init(reactors: Int, slots: ThreadSlots) throws(SystemError) {
        precondition(slots.count >= Self.slots(reactors: reactors), "there is a slot for every thread")
        self.reactors = reactors
        watchList = WatchList(slots)
        var queues: [CompletionQueue] = []
        for _ in 0..<reactors { queues.append(try CompletionQueue()) }
        self.queues = queues
        freeSlots = Mutex(Array((reactors + 1..<Self.slots(reactors: reactors)).reversed()))
    }

    deinit {
        for queue in queues { queue.free() }
    }

    /// Where a reactor finds its finished jobs.
    func completions(of reactor: Int) -> CompletionQueue { queues[reactor] }

    /// The reactor of this number as the watchdog sees it; `reactors` stands for the control plane's loop.
    func reactorThread(_ number: Int) -> WatchedThread {
        precondition(0...reactors ~= number, "a reactor has a number below the number of reactors")
        return watchList.thread(number)
    }

    /// Takes slots for the threads of a crew, at most `count`; fewer when there are no more, and none at last.
    func takeSlots(_ count: Int) -> [Int] {
        freeSlots.withLock { free in
            let taken = Array(free.suffix(count))
            free.removeLast(taken.count)
            return taken
        }
    }

    /// Takes back the slots of threads that have ended.
    func giveBack(_ slots: [Int]) {
        freeSlots.withLock { $0 += slots }
    }
}
