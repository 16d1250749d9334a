internal import CSimdJSON

/// What a body held: rows, or why it was refused. Trivially copyable.
package struct Decoded {
    /// Rows written; 0 when there is a fault.
    package let rows: Int
    /// Whether they came as `{"instances": […]}`, so that the answer is a list too.
    package let isList: Bool
    package let fault: ContractFault?
    /// The unit's UTF-8 bytes; nil when the contract names none or the body has none.
    package let unit: UnsafeBufferPointer<UInt8>?

    init(_ decoded: csimdjson_decoded) {
        rows = Int(decoded.rows)
        isList = decoded.is_list
        fault = decoded.fault == 0 ? nil : ContractFault(decoded)
        unit = decoded.unit.map { UnsafeBufferPointer(start: $0, count: Int(decoded.unit_count)) }
    }
}

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
}
