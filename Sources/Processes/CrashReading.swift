import CProcess
package import Primitives
import Synchronization

/// What a dead process left behind in its thread slots.
package struct CrashReading: Sendable, Equatable {
    /// The signal that a thread crashed by; nil when no handler ran (SIGKILL, out of memory).
    package let signal: Int32?
    /// The slot of the thread that crashed; nil when no handler ran, or the thread was bound to none.
    package let slot: Int?
    /// Whether that thread was ended because it hung.
    package let isHang: Bool
    /// Who was inside a model, in the order of slots.
    package let occupants: [SlotOccupant]

    /// Who was inside on the thread that crashed: the cause. Without one, every occupant is a suspect.
    package var culprit: SlotOccupant? { occupants.first { $0.slot == slot } }
}

/// A thread that was inside a model when its process ended.
package struct SlotOccupant: Sendable, Equatable {
    package let slot: Int
    /// 32-bit hashes of the names.
    package let route: UInt32
    package let variant: UInt32
    /// The first 8 bytes of the model file's SHA-256, as a big-endian number.
    package let model: UInt64
    package let since: Instant
    package let deadline: Instant
    package let isTerminated: Bool
    /// The rows that had gone in.
    package let rows: [KeptRows]
    /// Rows that had gone in without room to keep them.
    package let rowsLost: Int
}

/// Rows of one body, as a contract decodes them.
package struct KeptRows: Sendable, Equatable {
    /// Values of a row.
    package let width: Int
    /// The rows, one after the other. A text's value is its place in `text`.
    package let slots: [Double]
    package let text: [UInt8]

    package init(width: Int, slots: [Double], text: [UInt8]) {
        self.width = width
        self.slots = slots
        self.text = text
    }
}

extension ThreadSlots {
    /// What is in the slots. Meaningful when the process that wrote them is dead: rows of a living one may be half written.
    ///
    /// The memory may have been overwritten by the very fault that ended the process: lengths that cannot be are read as no rows.
    package func reading() -> CrashReading {
        let crash = head(WEIR_SLOTS_CRASH).pointee.load(ordering: .acquiring)
        let slot = Int(truncatingIfNeeded: crash & 0xFFFF_FFFF) - 1
        let hang = head(WEIR_SLOTS_HANG).pointee.load(ordering: .relaxed)
        return CrashReading(
            signal: crash == 0 ? nil : Int32(truncatingIfNeeded: crash >> 32), slot: 0..<count ~= slot ? slot : nil,
            isHang: hang != 0 && hang == UInt64(slot + 1), occupants: (0..<count).compactMap { self.slot($0).occupant() })
    }
}

extension ThreadSlot {
    fileprivate func occupant() -> SlotOccupant? {
        guard let stay else { return nil }
        return SlotOccupant(
            slot: Int(index), route: stay.route, variant: stay.variant, model: stay.model, since: stay.since, deadline: stay.deadline,
            isTerminated: stay.isTerminated, rows: keptRows(), rowsLost: Int(truncatingIfNeeded: value(Word.lost)))
    }

    private func keptRows() -> [KeptRows] {
        let end = Int(clamping: value(Word.kept))
        guard end <= SlotLimits.keptBytes else { return [] }
        var found: [KeptRows] = []
        var place = 0
        while place + SlotLayout.recordHeadBytes <= end {
            let record = UnsafeRawBufferPointer(start: base + SlotLayout.keptOffset + place, count: end - place)
            let shape = record.loadUnaligned(as: UInt64.self)
            let (rows, width) = (Int(shape >> 32), Int(shape & 0xFFFF_FFFF))
            let textCount = Int(clamping: record.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            // Bounded before they are multiplied: neither can overflow.
            guard rows <= SlotLimits.keptBytes, width <= SlotLimits.keptBytes, textCount <= SlotLimits.keptBytes else { return [] }
            let textStart = SlotLayout.recordHeadBytes + rows * width * MemoryLayout<Double>.stride
            let size = textStart + (textCount + 7) & ~7
            guard size <= record.count else { return [] }
            let slots = (0..<rows * width).map {
                record.loadUnaligned(fromByteOffset: SlotLayout.recordHeadBytes + 8 * $0, as: Double.self)
            }
            found.append(KeptRows(width: width, slots: slots, text: Array(record[textStart..<textStart + textCount])))
            place += size
        }
        return found
    }
}
