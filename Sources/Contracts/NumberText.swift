internal import CSimdJSON

/// Numbers as JSON text: the shortest decimal that reads back as the same value ("0.1", "5", "1e-05").
package enum NumberText {
    /// Bytes that any `Float` or `Double` fits into: the longest is "-2.2250738585072014e-308".
    package static var maximumBytes: Int { 24 }

    /// Writes the text of a finite number; returns its bytes.
    ///
    /// - Precondition: `value` is finite (JSON has no other numbers); `bytes` has room for `maximumBytes`.
    package static func write(_ value: Float, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        precondition(value.isFinite)
        return csimdjson_write_float(value, bytes, 24)
    }

    /// Writes the text of a finite number; returns its bytes.
    ///
    /// - Precondition: `value` is finite (JSON has no other numbers); `bytes` has room for `maximumBytes`.
    package static func write(_ value: Double, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        precondition(value.isFinite)
        return csimdjson_write_double(value, bytes, 24)
    }

    /// The text of a finite number, for messages; off the data path.
    package static func bytes(of value: Double) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, count in
            count = buffer.baseAddress.map { write(value, into: $0) } ?? 0
        }
    }
}
