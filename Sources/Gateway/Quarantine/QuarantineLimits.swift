import Primitives

/// What a candidate may take while it is tried. Operators set the first two by `--limits`.
struct QuarantineLimits: Sendable {
    /// CPU time. The largest models of the size that is served open in about a second; 50 000 nodes take seven.
    let time: Nanoseconds
    /// Address space above what the runtime itself takes. Trees take about 5.5 times their file.
    let bytes: Int

    /// Candidates that are tried at once: each takes a CPU and up to `bytes`.
    static let atOnce = 2
    /// How much a trial steps back behind the threads that answer (nice(2)): about a third of their share of a CPU.
    static let niceness: Int32 = 5

    /// CPU time as the kernel counts it, in whole seconds.
    var cpuSeconds: UInt64 { max(1, (time + 999_999_999) / 1_000_000_000) }
    /// Time by the clock on the wall, after which the process is ended: it steps back behind others, and a model may wait without using CPU.
    var wall: Nanoseconds { 10 * time }
}
