extension XXH64 {
    /// The known beginning of many messages, hashed as far as whole stripes go.
    @frozen public struct Prefix: Sendable {
        @usableFromInline var lanes: Lanes
        /// The bytes after the last whole stripe, at the end of 32 bytes, so that they can be put right before a suffix in one copy.
        @usableFromInline var tail: SIMD4<UInt64>
        @usableFromInline var count: Int

        /// What this hasher has taken so far.
        public init(_ hasher: XXH64) {
            lanes = hasher.lanes
            count = Int(hasher.count)
            // The words in their order fill the 32 bytes from the front; move them to the back.
            let held = count % 32
            var words = [hasher.pending.0, hasher.pending.1, hasher.pending.2].prefix(held / 8) + [hasher.partial]
            words += Array(repeating: 0, count: 4 - words.count)
            tail = .zero
            for offset in 0..<held {
                let byte = words[offset / 8] >> UInt64(8 * (offset % 8)) & 0xFF
                let place = offset + Suffix.room - held
                tail[place / 8] |= byte << UInt64(8 * (place % 8))
            }
        }
    }

    /// The end of many messages: bytes with room before them for the tail of any prefix, so that a message lies in one piece.
    ///
    /// Valid inside `with` only, on one thread.
    @safe @frozen public struct Suffix {
        /// Bytes before the suffix.
        @inlinable static var room: Int { 32 }

        @usableFromInline let start: UnsafeMutableRawPointer
        @usableFromInline let count: Int

        // `start` has `room + count` bytes.
        @inlinable init(start: UnsafeMutableRawPointer, count: Int) {
            unsafe self.start = start
            self.count = count
        }

        /// Lays the suffix out, on the stack unless it is longer than about a kilobyte, and passes it on.
        @inlinable @inline(__always) public static func with<Result>(_ bytes: RawSpan, _ body: (Suffix) -> Result) -> Result {
            let count = bytes.byteCount
            // Everything stays within the room + count bytes of this allocation; what is read was written by `with` or `hash(after:)`.
            return unsafe withUnsafeTemporaryAllocation(byteCount: room &+ count, alignment: 16) { storage in
                guard let start = storage.baseAddress else { preconditionFailure("an allocation of 32 bytes or more has an address") }
                unsafe bytes.withUnsafeBytes { source in
                    guard let first = source.baseAddress else { return }
                    unsafe (start + room).copyMemory(from: first, byteCount: count)
                }
                return body(unsafe Suffix(start: start, count: count))
            }
        }

        /// The hash of the prefix and this suffix as one message.
        @inlinable @inline(__always) public func hash(after prefix: borrowing Prefix) -> UInt64 {
            let held = prefix.count & 31
            // 32 bytes into the 32 bytes of room; then the tail's bytes and the suffix, all of them written.
            unsafe start.storeBytes(of: prefix.tail, as: SIMD4<UInt64>.self)
            let rest = unsafe UnsafeRawBufferPointer(start: start + (Suffix.room &- held), count: held &+ count)
            return unsafe prefix.lanes.finish(rest.bytes, messageCount: prefix.count &+ count)
        }
    }
}
