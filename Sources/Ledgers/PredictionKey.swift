/// A key that signs or verifies prediction ids.
package struct PredictionKey: Hashable, Sendable {
    /// The byte that names the key inside an id: its running number modulo 256.
    package var id: UInt8
    /// 16 bytes. Never printed or logged.
    package var bytes: [UInt8]
    package var created: Timestamp
}
