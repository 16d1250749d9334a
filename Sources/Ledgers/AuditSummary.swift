/// What a whole audit amounts to.
package struct AuditSummary: Hashable, Sendable {
    /// Number of entries.
    package var entries: Int64
    /// Hash of the last entry, 32 bytes. Whoever keeps it elsewhere can tell later whether the end was cut off or all was rewritten.
    package var head: [UInt8]
}
