import Contracts
import Inference
import Metrics
import Primitives
import Shadowing

/// One prediction's copy on its way to shadows: read from a reactor's ring once, shared by all that get it.
final class ShadowCopy: Sendable {
    let set: ShadowSet
    /// Number of the assigned variant.
    let variant: Int
    let note: PredictionNote
    /// The row. A text's slot is its place in `text`.
    let slots: [Double]
    let text: [UInt8]
    /// What the assigned variant answered; nil when it did not.
    let answer: Answer?

    /// A primary's answer to the row.
    struct Answer: Sendable {
        /// -1 for a value.
        let label: Int
        let scores: [Float]
        /// Time inside the model, the row's share; 0 where it is not known.
        let time: Nanoseconds
    }

    /// Reads a note behind its head.
    /// - Parameter set: the one that the head names.
    init(_ record: UnsafeRawBufferPointer, head: CopyNote, set: ShadowSet) {
        let note = head.note
        self.set = set
        self.note = note
        variant = Int(head.variant)
        let slotStart = MemoryLayout<CopyNote>.stride
        let scoreStart = slotStart + 8 * Int(note.slotCount)
        let textStart = scoreStart + 4 * Int(note.scoreCount)
        var slots = (0..<Int(note.slotCount)).map { record.loadUnaligned(fromByteOffset: slotStart + 8 * $0, as: Double.self) }
        // Texts follow each other in the order of their fields.
        var place = 0
        for (index, column) in (set.shadows.first?.model.candidate.columns ?? []).enumerated() where column.isText && index < slots.count {
            let count = TextSlot(slots[index]).count
            slots[index] = TextSlot(slots[index]).moved(by: place - TextSlot(slots[index]).offset)
            place += count
        }
        self.slots = slots
        text = Array(record[textStart...].prefix(Int(note.textCount)))
        let scores = (0..<Int(note.scoreCount)).map { record.loadUnaligned(fromByteOffset: scoreStart + 4 * $0, as: Float.self) }
        answer =
            note.status == 200
            ? Answer(label: note.label == PredictionID.noLabel ? -1 : Int(note.label), scores: scores, time: head.modelShare) : nil
    }

    /// Bytes that it takes while it waits, about.
    var bytes: Int { 256 + 8 * slots.count + text.count + 4 * (answer?.scores.count ?? 0) }

    var key: PairKey { PairKey(nonce: note.nonce, reactor: note.reactor, sequence: note.sequence) }

    /// Whether the request named no unit.
    var hasOwnUnit: Bool { note.flags & PredictionID.Flags.ownUnit.rawValue != 0 }
}
