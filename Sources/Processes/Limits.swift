/// The bounds of this target: each with its unit, its reason and the answer when it is exceeded.
package enum SlotLimits {
    /// Slots of one `ThreadSlots`: reactors and the threads of crews. Beyond: a trap, the caller counts his threads.
    package static let threads = 1_024

    /// Bytes of rows that a slot keeps for a rerun after a crash. Rows beyond are counted in `SlotOccupant.rowsLost`, and not kept.
    package static let keptBytes = 64 * 1_024
}
