import Primitives

/// A label outcome that was stored, as the ledger took it.
struct ShadowTruth: Sendable {
    let route: String
    /// Name of the outcome.
    let name: String
    let id: PredictionID
    /// Name of the assigned variant.
    let assigned: String
    /// The true class.
    let truth: String
    let isReplacement: Bool
}
