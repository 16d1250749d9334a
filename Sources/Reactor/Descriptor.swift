import CLinux

/// An open file descriptor and its only owner: closed when the value ends.
public struct Descriptor: ~Copyable {
    /// The number the kernel knows it by; valid while this value lives.
    public let number: Int32

    /// Takes over an open descriptor.
    public init(owning number: Int32) {
        self.number = number
    }

    /// What is written there nobody reads, and there is nothing to read.
    package static func nowhere() throws(SystemError) -> Descriptor {
        let number = weir_open_null()
        guard number >= 0 else { throw SystemError("open /dev/null") }
        return Descriptor(owning: number)
    }

    deinit {
        _ = close(number)
    }

    /// Gives the number away; the receiver closes it from now on.
    public consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }
}
