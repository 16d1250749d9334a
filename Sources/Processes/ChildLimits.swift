import CProcess

/// What the kernel lets a process have (setrlimit(2)); nil leaves a limit as it is. A limit can only be made tighter.
package struct ChildLimits: Sendable, Equatable {
    /// Bytes of address space; an allocation beyond fails.
    package var addressSpace: UInt64?
    /// Seconds of CPU, over all threads; then SIGXCPU, a second later SIGKILL.
    package var cpuSeconds: UInt64?
    /// Bytes of a file that it writes; then SIGXFSZ.
    package var fileBytes: UInt64?
    /// Bytes of a core file.
    package var coreBytes: UInt64?
    /// No descriptor that it opens from now on has this number or a larger one: 0 means that it can open nothing, no socket either.
    package var descriptors: UInt64?

    package init(
        addressSpace: UInt64? = nil, cpuSeconds: UInt64? = nil, fileBytes: UInt64? = nil, coreBytes: UInt64? = nil,
        descriptors: UInt64? = nil
    ) {
        self.addressSpace = addressSpace
        self.cpuSeconds = cpuSeconds
        self.fileBytes = fileBytes
        self.coreBytes = coreBytes
        self.descriptors = descriptors
    }

    /// Sets them for a process, 0 for this one.
    func apply(to process: Int32) throws(ProcessError) {
        func word(_ value: UInt64?) -> UInt64 { value.map { min($0, .max - 1) } ?? .max }
        var limits = weir_limits(
            address_space: word(addressSpace), cpu: word(cpuSeconds), file: word(fileBytes), core: word(coreBytes),
            descriptors: word(descriptors))
        guard weir_set_limits(process, &limits) == 0 else { throw ProcessError("prlimit") }
    }
}
