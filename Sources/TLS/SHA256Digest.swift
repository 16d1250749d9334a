import COpenSSL

/// SHA-256 and the comparison that takes the same time wherever two secrets differ.
package enum SHA256Digest {
    package static let byteCount = 32

    /// Writes the 32-byte digest of `count` bytes.
    package static func write(of bytes: UnsafePointer<UInt8>, count: Int, into digest: UnsafeMutablePointer<UInt8>) {
        _ = SHA256(bytes, count, digest)
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
        var digest = [UInt8](repeating: 0, count: byteCount)
        _ = SHA256(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &digest)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Comparison of `count` bytes in a time that depends on `count` alone: every word is looked at, and none decides before the last.
    /// (`CRYPTO_memcmp` does the same byte by byte: 450 instructions for a token where this takes 40.)
    package static func areEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int) -> Bool {
        let (left, right) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
        var difference: UInt64 = 0
        var offset = 0
        while offset + 8 <= count {
            difference |= left.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            difference |= UInt64(left.load(fromByteOffset: offset, as: UInt8.self) ^ right.load(fromByteOffset: offset, as: UInt8.self))
            offset += 1
        }
        return difference == 0
    }
}

/// Random bytes from OpenSSL's generator.
package enum SecureRandom {
    /// A random 64-bit word.
    package static func word() -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { _ = RAND_bytes($0.assumingMemoryBound(to: UInt8.self).baseAddress, 8) }
        return word
    }
}
