import CLinux
import Synchronization

/// Messages for another thread, with an eventfd that wakes its poller. Any thread may post; one thread takes.
///
/// Not on the path of a request: it carries accepted connections, new plans and the order to drain.
package final class Mailbox<Message: Sendable>: Sendable {
    // The lock protects the list of waiting messages only; it is held for an append or a swap.
    private let waiting = Mutex<[Message]>([])
    /// The eventfd, readable while messages wait.
    package let number: Int32

    package init() throws(SystemError) {
        number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        _ = close(number)
    }

    /// Leaves a message and wakes the reader.
    package func post(_ message: Message) {
        waiting.withLock { $0.append(message) }
        var one: UInt64 = 1
        _ = write(number, &one, 8)
    }

    /// Takes all waiting messages, oldest first.
    package func take() -> [Message] {
        var count: UInt64 = 0
        _ = read(number, &count, 8)
        return waiting.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }
}
