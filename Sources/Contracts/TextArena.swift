/// Memory of the caller for decoded strings: bounded, filled from the front.
package struct TextArena {
    package let bytes: UnsafeMutablePointer<UInt8>
    /// Bytes; a string that does not fit any more is the fault `text-full`.
    package let capacity: UInt32
    /// Bytes in use. Set it to 0 to begin anew.
    package internal(set) var count: UInt32 = 0

    /// - Precondition: `capacity` is within 0..<2^31, so that no text slot looks like a NaN.
    package init(bytes: UnsafeMutablePointer<UInt8>, capacity: Int) {
        precondition((0..<(1 << 31)).contains(capacity))
        self.bytes = bytes
        self.capacity = UInt32(capacity)
    }

    /// Begins anew: the strings of earlier bodies are gone.
    package mutating func clear() {
        count = 0
    }
}

/// A string's place in the text arena, as it stands in a row's slot: `offset << 32 | count` as the bit pattern of a `Double`.
package struct TextSlot {
    package let offset: Int
    package let count: Int

    package init(_ slot: Double) {
        offset = Int(truncatingIfNeeded: slot.bitPattern >> 32)
        count = Int(truncatingIfNeeded: slot.bitPattern & 0xFFFF_FFFF)
    }

    /// The slot of the same string when it lies `distance` bytes further on.
    package func moved(by distance: Int) -> Double {
        Double(bitPattern: UInt64(truncatingIfNeeded: offset + distance) << 32 | UInt64(truncatingIfNeeded: count))
    }
}
