import CLinux

/// A named operating-system thread.
package enum Thread {
    /// Starts a thread that runs `body` to its end. `name` is cut at 15 bytes (pthread_setname_np(3)).
    ///
    /// - Parameter niceness: how much the thread steps back behind others that want the CPU (nice(2)), 0 to 19. Nobody should wait for one
    ///   that does.
    /// - Returns: a handle for `join`.
    package static func start(_ name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> Handle {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(name: String(name.prefix(15)), niceness: niceness, body: body))
        let code = pthread_create(&thread, nil, threadEntry, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw SystemError("pthread_create", code: code)
        }
        return Handle(thread: thread)
    }

    /// CPUs that this process may run on.
    package static var allowedCPUs: Int { Int(weir_allowed_cpus()) }

    /// Lets other threads run first: for the rare moments in which another one must finish a few instructions.
    package static func giveWay() {
        _ = sched_yield()
    }

    /// A started thread.
    package struct Handle: Sendable {
        fileprivate let thread: pthread_t

        /// Waits until the thread has ended. Call once.
        package func join() {
            pthread_join(thread, nil)
        }
    }

    fileprivate final class Work: Sendable {
        let name: String
        let niceness: Int32
        let body: @Sendable () -> Void

        init(name: String, niceness: Int32, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.body = body
        }
    }
}

private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<Thread.Work>.fromOpaque(argument).takeRetainedValue()
    pthread_setname_np(pthread_self(), work.name)
    // On Linux, process 0 is the calling thread (setpriority(2), "C library/kernel differences"). Refused, it stays as it is.
    if work.niceness > 0 { _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, work.niceness) }
    work.body()
    return nil
}
