import CProcess
import Glibc

/// What a process does about itself, before it loads anything that it does not trust.
package enum ProcessSelf {
    /// From now on this process gets a signal when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
    ///
    /// - Parameter parent: who started it; it may have ended before this call, and then no signal would ever come.
    /// - Throws: `ProcessError` with ESRCH when the parent is no longer there: leave.
    package static func dieWithParent(signal number: Int32 = SIGKILL, parent: Int32) throws(ProcessError) {
        guard weir_set_death_signal(number) == 0 else { throw ProcessError("prctl PR_SET_PDEATHSIG") }
        guard getppid() == parent else { throw ProcessError("getppid", code: ESRCH) }
    }

    /// Ends this process as a crash in native code does, for practice.
    package static func crash() -> Never {
        raise(SIGSEGV)
        // The signal's default action ends the process, unless it is blocked: then this does.
        abort()
    }

    /// Makes this process's limits tighter.
    package static func setLimits(_ limits: ChildLimits) throws(ProcessError) {
        try limits.apply(to: 0)
    }

    /// The calling thread and all that it starts afterwards run only when no other process wants the CPU (sched(7), SCHED_IDLE).
    package static func setIdlePriority() throws(ProcessError) {
        guard weir_set_idle() == 0 else { throw ProcessError("sched_setscheduler SCHED_IDLE") }
    }

    /// Bytes of address space in use: the first figure of /proc/self/statm, in pages (proc(5)).
    package static func addressSpace() throws(ProcessError) -> UInt64 {
        let path = "/proc/self/statm"
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw ProcessError("open \(path)") }
        defer { close(number) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(number, &text, text.count)
        guard count > 0 else { throw ProcessError("read \(path)", code: EIO) }
        guard let pages = UInt64(String(decoding: text.prefix(count).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) else {
            throw ProcessError("read \(path)", code: EINVAL)
        }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
