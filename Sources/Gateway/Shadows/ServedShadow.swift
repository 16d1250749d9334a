import Breakers

/// Where one shadow stands.
struct ServedShadow: Sendable {
    let route: String
    let name: String
    let sha256: String
    /// `down`, `starting` or `running`.
    let process: String
    let pid: Int32?
    /// Copies that wait for it.
    let waiting: Int
    let restarts: UInt64
    let breaker: VariantBreaker
}
