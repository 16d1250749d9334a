import CLinux

/// An open file descriptor and its only owner: closed when the value ends.
public struct Descriptor: ~Copyable {
    /// The number the kernel knows it by; valid while this value lives.
    public let number: Int32

    /// Takes over an open descriptor.
    public init(owning number: Int32) {
        self.number = number
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
