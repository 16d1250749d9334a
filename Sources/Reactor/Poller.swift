import CLinux
package import Primitives

/// One epoll instance and the buffer its events arrive in. Level-triggered: what is left unread is reported again.
///
/// Confined to the thread that made it. A token is the caller's own 64-bit word; descriptors closed while a batch is being walked must keep
/// their memory until the batch ends, since a later event of the same batch may still carry their token.
package struct Poller: ~Copyable {
    /// What a descriptor is watched for.
    package struct Interest: Equatable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let none = Interest(rawValue: 0)
        package static let read = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
        /// Only one of several pollers that watch the same listening socket is woken.
        package static let exclusiveAccept = Interest(rawValue: EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
    }

    /// What happened to one descriptor.
    package struct Event {
        package let token: UInt64
        package let bits: UInt32
        package var isReadable: Bool { bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
        package var isWritable: Bool { bits & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    }

    /// Events taken from the kernel in one wait. More wait for the next turn.
    package static let eventsPerWait = 512

    private let descriptor: Descriptor
    private let events: UnsafeMutablePointer<epoll_event>

    package init() throws(SystemError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw SystemError("epoll_create1") }
        descriptor = Descriptor(owning: number)
        events = .allocate(capacity: Self.eventsPerWait)
    }

    deinit {
        events.deallocate()
    }

    /// Waits until something happens or `timeout` passes (nil: for ever; zero: only looks). Rounded up to whole milliseconds.
    /// - Returns: how many events can be read with `event(_:)`; 0 after a timeout or an interrupting signal.
    package borrowing func wait(timeout: Nanoseconds?) -> Int {
        let milliseconds: Int32
        if let timeout {
            milliseconds = Int32(clamping: (timeout + 999_999) / 1_000_000)
        } else {
            milliseconds = -1
        }
        return max(0, Int(epoll_wait(descriptor.number, events, Int32(Self.eventsPerWait), milliseconds)))
    }

    /// The event at `index` of the last wait.
    package borrowing func event(_ index: Int) -> Event {
        Event(token: weir_epoll_event_token(events + index), bits: events[index].events)
    }

    /// Starts watching a descriptor.
    package borrowing func add(_ number: Int32, _ interest: Interest, token: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, number, interest, token)
    }

    /// Replaces what a descriptor is watched for. Not for `exclusiveAccept`: remove and add instead (epoll_ctl(2)).
    @discardableResult
    package borrowing func modify(_ number: Int32, _ interest: Interest, token: UInt64) -> Bool {
        control(EPOLL_CTL_MOD, number, interest, token)
    }

    /// Stops watching a descriptor.
    package borrowing func remove(_ number: Int32) {
        _ = control(EPOLL_CTL_DEL, number, .none, 0)
    }

    private borrowing func control(_ operation: Int32, _ number: Int32, _ interest: Interest, _ token: UInt64) -> Bool {
        var event = epoll_event()
        weir_epoll_event_set(&event, interest.rawValue, token)
        return epoll_ctl(descriptor.number, operation, number, &event) == 0
    }
}
