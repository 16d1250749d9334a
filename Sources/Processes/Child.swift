import CProcess
import Glibc
import Synchronization

/// A process that this one started. Any thread may use it.
///
/// Dropping the value neither ends the process nor waits for it: it then stays in the kernel's table until this process ends.
package final class Child: Sendable {
    /// Its number, valid until the end was seen.
    package let pid: Int32
    /// Readable, in the sense of poll(2), as soon as the process has ended; valid while this object lives.
    package let pidfd: Int32
    /// The end once it was seen: the kernel tells it once. The lock keeps two threads from asking at the same time.
    private let seen = Mutex<ChildEnd?>(nil)

    /// A descriptor of this process, and the number under which the child finds it.
    package typealias Passing = (from: Int32, as: Int32)

    /// A child that is already running: one that an earlier program of this very process started (execve(2) keeps children).
    package init(adopting pid: Int32) throws(ProcessError) {
        let number = weir_pidfd_open(pid)
        guard number >= 0 else { throw ProcessError("pidfd_open \(pid)") }
        self.pid = pid
        pidfd = number
    }

    deinit {
        close(pidfd)
    }

    /// Starts a program.
    ///
    /// A child whose `ProcessSelf.dieWithParent` is set ends with the *thread* that called this, not with the process: start it from a thread
    /// that outlives it.
    ///
    /// - Parameters:
    ///   - arguments: without the program's own name.
    ///   - environment: all of it; nil is this process's own.
    ///   - passing: descriptors that the child gets, close-on-exec or not, at most 64 and no number above 255. It gets no others, except 1
    ///     and 2 as they are here; 0 is /dev/null unless it is named.
    ///   - limits: set right after the start, from here; a child that must not do a step without them sets its own.
    ///   - blocked: signals that the child begins with blocked, such as those it takes from a signalfd. All others are free and have their
    ///     default action.
    ///   - isOwnGroup: whether it leads a process group of its own, so that a terminal's Ctrl-C does not reach it.
    package static func spawn(
        executable: String, arguments: [String], environment: [String: String]? = nil, passing: [Passing] = [],
        limits: ChildLimits = ChildLimits(), blocked: [Int32] = [], isOwnGroup: Bool = true
    ) throws(ProcessError) -> Child {
        let arguments = CStrings([executable] + arguments)
        let variables = environment.map { CStrings($0.map { "\($0.key)=\($0.value)" }) }
        var pid: Int32 = 0
        let places = passing.map { weir_passing(from: $0.from, as: $0.as) }
        let code = executable.withCString { path in
            places.withUnsafeBufferPointer { places in
                blocked.withUnsafeBufferPointer { blocked in
                    var start = weir_start(
                        path: path, arguments: arguments.start, environment: variables?.start ?? environ, passing: places.baseAddress,
                        passing_count: places.count, blocked: blocked.baseAddress, blocked_count: blocked.count, own_group: isOwnGroup)
                    return weir_spawn(&start, &pid)
                }
            }
        }
        guard code == 0 else { throw ProcessError("posix_spawn \(executable)", code: code) }
        let child = try Child(adopting: pid)
        // A child that has already ended has no limits any more: ESRCH is no failure.
        do { try limits.apply(to: pid) } catch  where error.code == ESRCH {}
        return child
    }

    /// Sends a signal; nothing happens when the child has ended.
    package func signal(_ number: Int32) {
        _ = weir_pidfd_signal(pidfd, number)
    }

    /// The end, without waiting for it.
    package func poll() throws(ProcessError) -> ChildEnd? {
        try end(blocks: false)
    }

    /// Waits for the end.
    package func wait() throws(ProcessError) -> ChildEnd {
        guard let end = try end(blocks: true) else { throw ProcessError("waitid \(pid)", code: ECHILD) }
        return end
    }

    /// Waits for the end for at most so many milliseconds; nil when it has not come by then.
    package func wait(atMost milliseconds: Int32) throws(ProcessError) -> ChildEnd? {
        var watched = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&watched, 1, milliseconds)
        return try poll()
    }

    private func end(blocks: Bool) throws(ProcessError) -> ChildEnd? {
        try seen.withLock { (seen) throws(ProcessError) in
            if let seen { return seen }
            var (isSignal, status) = (false, Int32(0))
            switch weir_wait(pidfd, blocks, &isSignal, &status) {
            case 0: return nil
            case 1:
                seen = isSignal ? .signalled(status) : .exited(status)
                return seen
            default: throw ProcessError("waitid \(pid)")
            }
        }
    }
}

/// Strings as C takes lists of them: copies, and nil at the end.
private final class CStrings {
    let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        start = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { (start + index).initialize(to: strdup(string)) }
        (start + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(start[index]) }
        start.deallocate()
    }
}
