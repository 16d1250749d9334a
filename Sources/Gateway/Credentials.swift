import TLS

/// The last token that a connection showed, and what it was worth: so that a connection pays for one digest, not for one a request.
struct Credentials {
    var generation: UInt64 = 0
    var token: Int32 = -1
    private var count = 0
    private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: GatewayLimits.tokenBytes)

    fileprivate mutating func replace(_ newBytes: UnsafePointer<UInt8>, _ newCount: Int) {
        bytes.update(from: newBytes, count: newCount)
        count = newCount
    }

    fileprivate func equals(_ other: UnsafePointer<UInt8>, _ otherCount: Int) -> Bool {
        count == otherCount && SHA256Digest.areEqual(bytes, other, count: count)
    }

    /// Wipes and frees the token; the value is not used again.
    func free() {
        bytes.update(repeating: 0, count: GatewayLimits.tokenBytes)
        bytes.deallocate()
    }
}

extension UnsafeMutablePointer where Pointee == Credentials {
    /// Whether this is the token shown last; takes the same time wherever the two differ.
    func holds(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        pointee.equals(bytes, count)
    }

    /// Remembers a token; at most `GatewayLimits.tokenBytes` bytes.
    func keep(_ bytes: UnsafePointer<UInt8>, _ count: Int, token: Int32, generation: UInt64) {
        pointee.replace(bytes, count)
        pointee.token = token
        pointee.generation = generation
    }
}
