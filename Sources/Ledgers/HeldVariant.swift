/// A variant that takes no traffic since its model crashed the process, until somebody releases it.
package struct HeldVariant: Hashable, Sendable {
    /// Number of the entry, from 1, never used again.
    package var id: Int64
    package var route: String
    package var variant: String
    /// The model that crashed: another one under the same name is not held.
    package var sha256: String
    /// The signal that ended the process.
    package var signal: Int32
    package var since: Timestamp
    /// What is known about it, in words.
    package var verdict: String
    /// When it was released; nil while it is held.
    package var released: Timestamp?
    /// Who released it.
    package var releasedBy: String?
}
