/// Every limit of the recorder's files: value, unit, reason, and what happens when it is exceeded.
package enum Limits {
    /// Bytes of one recorder file, and of the address range that is set aside for it. 10 routes of 5 variants take about 10 MiB; a
    /// hundred times that is a mistake, not a recorder. Exceeded: `RecordingError.tooLarge`.
    package static let fileBytes = 1 << 30

    /// Bytes by which a recorder file grows at least: few system calls, little waste. Not a bound.
    static let growthBytes = 1 << 20

    /// Bytes that must be free in shared memory before a file is put there: others live there too. Less: the state folder is used.
    static let freeMemoryBytes = 64 << 20

    /// Free bytes in shared memory for each byte wished, so that growth does not fill it. Less: the state folder is used.
    static let freeMemoryFactor = 4

    /// Bytes of dead workers' files that one call reads, and always one file: they are in memory until they are folded. The rest waits for
    /// the next call.
    static let deadBytes = 256 << 20

    /// Files kept in `archive`. They are for a person to look at, and the oldest ones go first.
    static let archivedFiles = 16

    /// Words of one bitmap: 128 MiB, 128 times what a route's first events take. Exceeded: `RecordingError.tooLarge`.
    static let bitmapWords = 1 << 24

    /// Pages written to a checkpoint in one call, 256 KiB: beyond that a call costs little beside its bytes.
    static let pagesPerWrite = 64

    /// Bytes copied to the archive in one call, for the same reason.
    static let copyBytes = 256 << 10
}
