/// Every bound of this target: what it is, in which unit, why, and what happens past it.
package enum Limits {
    /// Names (routes, and variants with their revision and shape) that keep blocks of their own, in names.
    ///
    /// Blocks survive reloads, so a folder that is renamed for ever would grow the registry for ever. Names past the limit, or without
    /// room in the file, share the blocks named ``sharedName``: nothing is lost from the sums, only the names. Exposures are not
    /// shared: without a block of their own they are flagged as uncounted.
    package static let namedCells = 65_536

    /// The label that stands for all names past ``namedCells``. No route or variant can be called so: names hold no asterisk.
    package static let sharedName = "*"

    /// Reactors that one registry serves, in threads: far above the cores of any machine, low enough that sizes cannot overflow.
    /// More is a fault of the program and stops it.
    package static let reactors = 1_024

    /// Bytes of a route's or a variant's name in a block's head. Longer names are not let in by the route files; here they share the
    /// blocks named ``sharedName``.
    package static let nameBytes = 64

    /// Outputs of a model that have a score sketch, in outputs: 36 KB for classes, 528 KB for numbers. Scores past it are not sketched.
    package static let sketchedOutputs = 64

    /// Features that have a histogram, in features: 112 KB for each reactor. Features past it have none.
    package static let binnedFeatures = 256

    /// Outputs of a shadow whose differences are counted apart, in outputs: 1 KB each. Those past it count for labels and divergence only.
    package static let comparedOutputs = 16

    /// Classes that the table of a shadow's and its primary's labels tells apart, in classes: 2 KB. Past it the last stands for all others.
    package static let comparedClasses = 16

    /// Rows of a reference column that bins are made from, in rows; the rest of a longer column is left out.
    package static let referenceRows = 10_000

    /// Bytes of address space that are mapped at once, in bytes; a larger block gets a mapping of its own.
    package static let chunkBytes = 1 << 20

    /// Blocks that a reader takes from one file, in blocks: at least 512 bytes each, this is more than the largest file holds. The rest is
    /// left out with a complaint.
    package static let blocksInFile = 1 << 21

    /// The last slice that a file can name: an id's time has 48 bits, and a slice has a millisecond or more. A later one is torn.
    package static let lastSlice: UInt64 = 1 << 48 - 1

    /// Complaints that a reader keeps about one file, in complaints: the first ones say what is wrong.
    package static let complaints = 64
}
