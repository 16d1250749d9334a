/// One line of the audit: who did what and when, chained to the line before by its hash.
package struct AuditEntry: Hashable, Sendable {
    /// From 1, without gaps.
    package var number: Int64
    package var at: Timestamp
    package var author: String
    package var action: AuditAction
    /// What was done to what, as a JSON object. It holds no secret.
    package var subject: String
    /// Hash of the entry before; 32 zero bytes for the first.
    package var previous: [UInt8]
    /// `AuditEntry.hash` over all of the above.
    package var hash: [UInt8]
}

extension AuditEntry {
    static let firstPrevious = [UInt8](repeating: 0, count: SHA256.digestBytes)

    /// SHA-256 over `weir-audit-1`, number and time (8 bytes each, big-endian), then author, action and subject (each its UTF-8 length in
    /// 8 bytes and its bytes), then the hash before. Lengths make the fields unambiguous; anybody can recompute it from a dump.
    static func hash(
        number: Int64, at: Timestamp, author: String, action: String, subject: String, previous: [UInt8]
    ) -> [UInt8] {
        var hash = SHA256()
        hash.update("weir-audit-1".utf8)
        hash.update(number.bigEndianBytes)
        hash.update(at.milliseconds.bigEndianBytes)
        for field in [author, action, subject] {
            hash.update(Int64(field.utf8.count).bigEndianBytes)
            hash.update(field.utf8)
        }
        hash.update(previous)
        return hash.finish()
    }
}
