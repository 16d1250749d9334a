/// The bounds of this target: each with its unit, its reason and the answer when it is exceeded.
package enum Limits {
    /// Bytes of a model file. Trees take about 5.5 times their file in memory. Beyond: `InferenceError.fileRefused`.
    package static let modelBytes = 256 << 20

    /// Nodes of all graphs in a model file. Opening takes about 0.14 ms a node (50 000: 7.1 s, measured), a run at least 0.2 us a node.
    /// Beyond: `InferenceError.fileRefused`.
    package static let nodes = 20_000

    /// Messages within messages in a model file; each branch or loop takes three. Beyond: `InferenceError.fileRefused`.
    package static let messageDepth = 64

    /// Rows of one call. Values for every row count are made in advance. Beyond: a trap in `Lane.init`, the caller decides the number.
    package static let rows = 1024

    /// Classes of a model. An answered class is recorded in 16 bits, and scores are held per row. Beyond: `InferenceError.mismatch`.
    package static let classes = 4096

    /// Bytes of all texts of one batch in a lane, terminators included. Beyond: `Lane.fill` answers false for the row.
    package static let textBytes = 1 << 20

    /// Bytes of all labels that a model may answer for one batch, when they are texts. Beyond: the run fails with `Lane.labelTextTooLong`.
    package static let labelBytes = 1 << 20

    /// Lines that a `Journal` keeps; the oldest goes first.
    package static let journalLines = 64

    /// Folders that `Engine.find` walks up from the executable.
    package static let parentFolders = 12
}
