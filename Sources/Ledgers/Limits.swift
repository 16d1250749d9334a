/// Every limit of the ledger: value, unit, reason, and what the caller sees when it is exceeded.
enum Limits {
    /// Seconds a connection waits for another writer's transaction. Commits take milliseconds (one fsync); five seconds means
    /// somebody holds the ledger. Exceeded: `LedgerError.locked`.
    static let busyTimeoutSeconds = 5.0

    /// Variants of one route, the same bound that assignment has. Exceeded: `LedgerError.invalid`.
    static let variantsPerRoute = 32

    /// A weight that is not 0, the same bounds as in route files: within them shares and scores stay exact. Outside: `LedgerError.invalid`.
    static let weight = 0.001...1_000_000_000

    /// UTF-8 bytes of a route's, variant's, token's or author's name: they appear in headers, logs and metric labels.
    /// Exceeded: `LedgerError.invalid`.
    static let nameBytes = 64

    /// UTF-8 bytes of a revision's reason: a sentence or a link, shown in one table row. Exceeded: `LedgerError.invalid`.
    static let reasonBytes = 1_000

    /// Tokens that are neither revoked nor expired: a snapshot carries all of them. Exceeded: `LedgerError.tooManyTokens`.
    static let liveTokens = 10_000

    /// Years until a token may expire. Longer is a mistyped date. Exceeded: `LedgerError.invalid`.
    static let tokenLifetimeYears: Int64 = 10

    /// Requests a second that a token may be limited to: from one in a quarter of an hour to more than a server answers. Outside:
    /// `LedgerError.invalid`.
    static let ratePerSecond = 0.001...1_000_000

    /// Requests that a token may be allowed at once. Outside: `LedgerError.invalid`.
    static let rateBurst = 1...1_000_000

    /// Seconds that a fault for practice lasts: always with an end. Outside: `LedgerError.invalid`.
    static let faultSeconds: ClosedRange<Int64> = 1...3_600

    /// Milliseconds by which a fault delays an answer. Outside: `LedgerError.invalid`.
    static let faultDelay: ClosedRange<Int64> = 1...60_000

    /// Faults of one route at a time: each is looked at for every request to its variant. Exceeded: `LedgerError.tooManyFaults`.
    static let faultsPerRoute = 16

    /// Shadows of one route, as in route files: each is a process with a model. Exceeded: `LedgerError.invalid`.
    static let shadowsPerRoute = 8

    /// UTF-8 bytes of the input of a shadow's example, and of each answer. Longer: the input is left out, an answer is cut.
    static let exampleTextBytes = 64 << 10

    /// Models of one route's shadows whose examples are kept: twice as many as it has at a time. More: those of the model that has had no
    /// new one for longest are deleted.
    static let exampleModels = 16

    /// Examples of a shadow that a report shows: enough to see what kind of rows they are. The rest stays in the ledger.
    static let reportedExamples = 8

    /// UTF-8 bytes of the verdict on a held variant. Exceeded: `LedgerError.invalid`.
    static let verdictBytes = 1_000

    /// Bytes of every key: SipHash takes 16.
    static let keyBytes = 16

    /// Random bytes in a token's secret: out of reach of guessing, so a fast hash is enough to store it by.
    static let secretBytes = 32

    /// Millionths that the value of an outcome may be away from 0: nine million units. Squares are then exact in 128 bits for 10^12
    /// outcomes. Exceeded: `LedgerError.invalid`.
    static let outcomeValue: ClosedRange<Int64> = -9_000_000_000_000...9_000_000_000_000

    /// Outcomes of one route, as in route files. Exceeded: `LedgerError.invalid`.
    static let outcomesPerRoute = 16

    /// Milliseconds of an outcome's window: 400 days, as in route files. Longer, or none: `LedgerError.invalid`.
    static let outcomeWindow: ClosedRange<Int64> = 1...34_560_000_000

    /// UTF-8 bytes of a true label's text. Exceeded: `LedgerError.invalid`.
    static let truthBytes = 256

    /// Words of one folded block, 64 MiB: many times the largest. More, in a row of a damaged file: `LedgerError.corrupt`.
    static let cellWords = 8 << 20

    /// Words at the front of a block that say what it is, and are never added.
    static let cellHeadWords = 32

    /// Sums that one transaction keeps in memory, 16 KiB each, before it writes them and reads on demand again.
    static let sumsInHand = 1_000

    /// Bytes of a logged prediction's row beside its texts and scores: key, numbers, and SQLite's header of the row. Measured.
    static let predictionRowBytes: Int64 = 62

    /// Bytes of a logged prediction's entries in three indexes, beside its route. Measured with units in no order.
    static let predictionIndexBytes: Int64 = 64

    /// Predictions removed in one step of retention: some ten milliseconds of the write lock. More go with the next step.
    static let prunedPredictions = 1_000

    /// Bytes of inputs and answers after which a page of predictions ends: a reader holds no more, one row excepted. The rest is on the
    /// next page.
    static let exportedPageBytes = 4 << 20
}
