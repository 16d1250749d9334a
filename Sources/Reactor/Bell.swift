import CLinux

/// An eventfd(2): rung by any thread, heard by one that sleeps in a poller or in `wait`.
///
/// A trivial value: whoever opened it closes it, once nobody rings or waits any more.
package struct Bell: Sendable {
    /// Its number, for a poller: readable while it has been rung and nobody has heard.
    package let number: Int32

    /// - Parameter counts: each ring is heard by one `wait` (a semaphore); otherwise one `clear` hears all. A bell that counts sleeps in
    ///   `wait`, one that does not never blocks.
    package init(counts: Bool = false) throws(SystemError) {
        number = eventfd(0, Int32(counts ? EFD_SEMAPHORE | EFD_CLOEXEC : EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("eventfd") }
    }

    /// Rings it; one system call, which never waits (2^64 - 2 rings fit).
    package func ring() {
        var one: UInt64 = 1
        while write(number, &one, 8) < 0, weir_errno() == EINTR {}
    }

    /// Hears all rings so far, if any.
    package func clear() {
        var count: UInt64 = 0
        _ = read(number, &count, 8)
    }

    /// Sleeps until it is rung, and hears one ring. Only for a bell that counts.
    package func wait() {
        var count: UInt64 = 0
        while read(number, &count, 8) < 0, weir_errno() == EINTR {}
    }

    /// Ends it. Nobody may use it afterwards.
    package func shut() {
        _ = close(number)
    }
}
