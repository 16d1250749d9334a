import COpenSSL

/// Ciphertext on its way in and out: the memory that OpenSSL reads from and writes to, shared by all connections of one reactor.
///
/// One connection at a time uses it: the owner points `input` at what it received, calls into the connection, and sends `output` before the
/// next one's turn. So an idle connection owns no buffer of ours (measured: 38 KB an idle h2 connection against 49 KB with its own BIO pair).
public struct CipherPipe {
    public var input: UnsafePointer<UInt8>?
    public var inputCount: Int
    public private(set) var output: UnsafeMutablePointer<UInt8>
    public var outputCount: Int
    private var outputCapacity: Int

    /// A TLS record is 16 KiB of text, a header and an expansion of at most 256 bytes (RFC 8446 section 5.2); four fit before it grows.
    static let firstCapacity = 4 * (16_384 + 5 + 256)

    public init() {
        input = nil
        inputCount = 0
        outputCapacity = Self.firstCapacity
        output = .allocate(capacity: outputCapacity)
        outputCount = 0
    }

    /// Frees the memory; the value is not used again.
    public func free() {
        output.deallocate()
    }

    fileprivate mutating func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        if outputCount + count > outputCapacity { grow(to: outputCount + count) }
        (output + outputCount).update(from: bytes, count: count)
        outputCount += count
    }

    private mutating func grow(to needed: Int) {
        outputCapacity = max(needed, 2 * outputCapacity)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: outputCapacity)
        larger.update(from: output, count: outputCount)
        output.deallocate()
        output = larger
    }
}

extension CipherPipe {
    /// Makes the BIO method that connects an `SSL` with a pipe: it never blocks on writing, and asks to be called again when the input is used up.
    static func makeMethod() -> OpaquePointer? {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir cipher pipe")
        BIO_meth_set_read(method, readInput)
        BIO_meth_set_write(method, writeOutput)
        BIO_meth_set_ctrl(method, control)
        return method
    }
}

private func pipe(of bio: OpaquePointer?) -> UnsafeMutablePointer<CipherPipe>? {
    BIO_get_data(bio)?.assumingMemoryBound(to: CipherPipe.self)
}

private func readInput(_ bio: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int32) -> Int32 {
    guard let pipe = pipe(of: bio), let buffer else { return -1 }
    weir_bio_clear_retry(bio)
    let count = min(Int(capacity), pipe.pointee.inputCount)
    guard count > 0, let input = pipe.pointee.input else {
        weir_bio_retry_read(bio)
        return -1
    }
    UnsafeMutableRawPointer(buffer).copyMemory(from: input, byteCount: count)
    pipe.pointee.input = input + count
    pipe.pointee.inputCount -= count
    return Int32(count)
}

private func writeOutput(_ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let pipe = pipe(of: bio), let bytes, count > 0 else { return 0 }
    bytes.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { pipe.pointee.append($0, Int(count)) }
    return count
}

private func control(_ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ pointer: UnsafeMutableRawPointer?) -> Int {
    // Only flushing needs an answer: there is nothing to flush, the pipe always takes everything.
    command == BIO_CTRL_FLUSH ? 1 : 0
}
