package import Primitives

/// Rows assigned to one variant since the process began, over all revisions.
package struct ExposureTotals: Equatable, Sendable {
    package var route: String
    package var variant: String
    package var rows: UInt64

    package init(route: String, variant: String, rows: UInt64) {
        self.route = route
        self.variant = variant
        self.rows = rows
    }
}

/// Why outcomes were answered 503. The raw value is that of the label `reason`.
package enum OutcomeRefusal: String, CaseIterable, Sendable {
    /// As many as allowed wait for their commit.
    case queueFull = "queue-full"
    case diskFull = "disk-full"
    case readOnly = "read-only"
    /// Another process holds the ledger's lock.
    case locked
    case corrupt
    /// Any other fault of the ledger.
    case failed
}

/// What became of what was to be recorded, at the moment of a scrape; gathered by whoever answers it.
///
/// Everything that is called a total counts from the process's start and never falls. A revision is no label: each change of a split
/// would leave its series behind for ever. ``revisions`` tell which one is in force, and reports tell them apart.
package struct RecordingFigures: Equatable, Sendable {
    package var outcomes = OutcomeCounts()
    /// Outcomes answered 503, by reason; a reason that is not there is 0.
    package var outcomesRefused: [OutcomeRefusal: UInt64] = [:]
    package var outcomeCommits: UInt64 = 0
    /// Bodies of outcomes that wait now.
    package var outcomeQueue = 0
    /// In the order in which they are to be printed, each route and variant once.
    package var exposures: [ExposureTotals] = []
    /// Rows that were served without a free time slice for their exposure.
    package var exposuresUncounted: UInt64 = 0
    /// Number of the split in force, by route.
    package var revisions: [String: UInt64] = [:]
    package var predictionsLogged: UInt64 = 0
    package var predictionsDropped: UInt64 = 0
    /// Bytes in this process's files of counters.
    package var recorderBytes: UInt64 = 0
    /// Whether these files are in `/dev/shm`.
    package var isRecorderInMemory = false
    /// Since the last copy of the counters to the state folder; nil before the first.
    package var checkpointAge: Nanoseconds?
    /// Since the moment up to which every outcome is in the sums; nil before the first fold.
    package var foldLag: Nanoseconds?
    /// Whether the last write to the ledger succeeded.
    package var isLedgerUp = false
    package var logLinesLost: UInt64 = 0
    /// Stored outcomes that shadows were not told of.
    package var shadowOutcomesLost: UInt64 = 0

    /// Nothing recorded yet.
    package init() {}
}
