import CLinux

/// What the operating system lets this process have.
package enum ProcessLimits {
    /// Raises the number of open descriptors to the hard limit and returns it.
    package static func raiseDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Gives memory that `free` kept back to the system; worth it after models were unloaded.
    package static func trimHeap() {
        malloc_trim(0)
    }
}
