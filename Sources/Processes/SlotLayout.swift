/// Where things lie in the memory that survives a crash, version 1. In bytes from the start of the memory unless it says otherwise; every word
/// has 64 bits.
///
/// ```
/// 0     head: magic, version << 32 | slots, crash, hang (the enum WEIR_SLOTS_… of CProcess.h)
/// 4096  slot 0: words (see ThreadSlot.Word), at 256 the rows that are inside; then slot 1, and so on
/// ```
/// Kept rows are records, one after the other, each a multiple of 8 bytes: rows << 32 | width, bytes of text, rows x width values, the text.
enum SlotLayout {
    /// "WEIRSLOT", read as a little-endian word.
    static let magic: UInt64 = 0x544F_4C53_5249_4557
    static let version: UInt64 = 1
    /// A page, so that the head's words share none with a slot.
    static let headBytes = 4_096
    /// Where a slot's kept rows begin, from the slot's start.
    static let keptOffset = 256
    /// Slots begin on pages: erasing and touching one leaves the others alone.
    static let slotBytes = 17 * 4_096
    /// The two words before the values of a record.
    static let recordHeadBytes = 16

    static func bytes(threads: Int) -> Int { headBytes + threads * slotBytes }
}
