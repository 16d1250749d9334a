import Contracts
import Processes

extension SampleRows {
    /// The first rows, with as much of the text as they point into.
    ///
    /// - Parameter texts: for each column whether it is text; so for the verbs below.
    func prefix(_ rows: Int, texts: [Bool]) -> SampleRows {
        let kept = Array(slots.prefix(rows * width))
        return SampleRows(slots: kept, text: Array(text.prefix(Self.textEnd(kept, texts))), width: width)
    }

    /// Without the first rows.
    func dropFirst(_ rows: Int) -> SampleRows {
        SampleRows(slots: Array(slots.dropFirst(rows * width)), text: text, width: width)
    }

    /// These rows, then others of the same columns, whose texts move behind these.
    func appending(_ others: SampleRows, texts: [Bool]) -> SampleRows {
        let moved = others.slots.enumerated().map { index, slot in
            texts[index % width] ? Double(bitPattern: slot.bitPattern &+ UInt64(text.count) << 32) : slot
        }
        return SampleRows(slots: slots + moved, text: text + others.text, width: width)
    }

    /// Rows that a dead process left behind, of all bodies together. What does not fit the columns is left out: the contract may have changed,
    /// and the memory may have been damaged by the crash itself.
    init(suspects: [KeptRows], texts: [Bool]) {
        var all = SampleRows(slots: [], text: [], width: texts.count)
        for kept in suspects where kept.width == texts.count && Self.textEnd(kept.slots, texts) <= kept.text.count {
            all = all.appending(SampleRows(slots: kept.slots, text: kept.text, width: kept.width), texts: texts)
        }
        self = all
    }

    /// Where the last text of some rows ends.
    private static func textEnd(_ slots: [Double], _ texts: [Bool]) -> Int {
        guard texts.contains(true) else { return 0 }
        return slots.indices.reduce(0) { end, index in
            guard texts[index % texts.count] else { return end }
            let place = TextSlot(slots[index])
            return max(end, place.offset + place.count)
        }
    }
}
