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
        return count
    }

    /// Work that needs no event: requests that wait for their turn, and such behind an answered one.
    private var hasWork: Bool { pointee.readyFirst != nil || pointee.again != nil || pointee.resumedFirst != nil }

    /// Since when the request that comes next has been complete.
    private var oldestReady: Instant? { pointee.readyFirst?.pointee.readyFirst?.pointee.ready }
}
