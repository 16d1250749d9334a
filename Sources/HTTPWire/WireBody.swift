/// The body of an answer that is sent piece by piece as flow control allows: memory of the exchange's owner, which stays in place until the
/// exchange is closed.
@frozen
public struct WireBody {
    public var bytes: UnsafePointer<UInt8>
    public var count: Int
    /// Bytes already taken.
    public var offset: Int

    @inlinable public init(bytes: UnsafePointer<UInt8>, count: Int) {
        self.bytes = bytes
        self.count = count
        offset = 0
    }
}
