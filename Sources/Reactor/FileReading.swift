import CLinux

/// Whole files.
package enum FileReading {
    /// Reads a file into memory that the caller deallocates.
    package static func read(_ path: String) throws(SystemError) -> UnsafeMutableRawBufferPointer {
        let number = weir_open_to_read(path)
        guard number >= 0 else { throw SystemError("read \(path)") }
        defer { close(number) }
        var facts = stat()
        guard fstat(number, &facts) == 0 else { throw SystemError("read \(path)") }
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(facts.st_size), alignment: 64)
        var filled = 0
        while filled < content.count {
            let count = CLinux.read(number, content.baseAddress.unsafelyUnwrapped + filled, content.count - filled)
            if count < 0, weir_errno() == EINTR { continue }
            guard count > 0 else {
                content.deallocate()
                throw SystemError("read \(path)", code: count == 0 ? EIO : weir_errno())
            }
            filled += count
        }
        return content
    }
}
