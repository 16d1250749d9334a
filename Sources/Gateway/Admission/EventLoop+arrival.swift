import Primitives
import Reactor

// Since when what is read now may have waited: what load shedding goes by.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Waits for events and begins a turn. Looks before it sleeps: a socket that is readable at the end of a turn may have been so since that
    /// turn began, one that wakes the thread up has waited for nothing. (The look costs a system call of about 0.3 us, and only where the
    /// thread goes to sleep anyway.)
    /// - Returns: how many events there are.
    func awaitEvents(timeout: () -> Nanoseconds?) -> Int {
        var count = pointee.poller.wait(timeout: 0)
        let isAwake = count > 0 || hasWork
        if !isAwake { count = pointee.poller.wait(timeout: timeout()) }
        let woken = MonotonicTime.now()
        pointee.inputSince = isAwake ? pointee.turnStarted : woken
        pointee.turnStarted = woken
        pointee.now = woken
        pointee.readAt = woken
        pointee.queueAge = oldestReady.map { woken.since($0) } ?? 0
        pointee.headsBefore = pointee.heads
        pointee.heads = 0
        return count
    }

    /// How long a prediction whose head is read now may have waited, as far as that is a queue's doing: nothing where none is left over and
    /// this turn and the one before had two of them at most. (RFC 8289 section 5.1 drops nothing from a queue that holds one packet: a slow
    /// link is not a standing queue, nor is a thread that was given no CPU for a while.)
    func waited() -> Nanoseconds {
        pointee.heads += 1
        guard pointee.heads + pointee.headsBefore > 2 || pointee.queueAge > 0 else { return 0 }
        return pointee.readAt.since(pointee.inputSince) &+ pointee.queueAge
    }

    /// Work that needs no event: requests that wait for their turn, such as go on after a wait, and such behind an answered one.
    private var hasWork: Bool { pointee.readyFirst != nil || pointee.resumedFirst != nil || pointee.again != nil }

    /// Since when the request that comes next has been complete.
    private var oldestReady: Instant? { pointee.readyFirst?.pointee.readyFirst?.pointee.ready }
}
