/// The bounds of a replay. What a person asks for beyond them is refused before anything is sent, naming the bound.
enum Limits {
    /// Bytes a file of rows may have: it is held in memory as a whole.
    static let fileBytes = 1 << 30
    /// Bytes a row may have: more than any gateway's body limit, so that a row refused there can be sent at all.
    static let rowBytes = 1 << 20
    /// Connections at once: a client's descriptors, below the usual 1024.
    static let connections = 256
    /// Requests in flight on one connection: what servers commonly announce as the most.
    static let streams = 128
    /// Rows a second: past what one client thread can send, by far.
    static let rate = 1_000_000.0
    /// Passes over the rows: keeps rows × passes far from overflow.
    static let passes = 1_000_000
    /// Bytes of one answer that are kept for reading its label; the rest is received and dropped.
    static let answerBytes = 64 << 10
    /// Variants listed by name; answers of further ones are counted as `(other)`.
    static let variants = 64
    /// Kinds of error told apart; further ones are counted as `(other)`.
    static let failureKinds = 64
    /// Characters of an error's first answer that the report shows.
    static let exampleCharacters = 200
    /// Milliseconds until a connection stands, TLS included.
    static let connectMilliseconds = 5_000
    /// Milliseconds until an answer is complete; beyond it the request counts as an error.
    static let answerMilliseconds = 30_000
    /// Failures in a row, before any answer at all, that end the replay: nobody is there.
    static let failuresBeforeFirstAnswer = 64
    /// Outcomes sent for each row: as many as a route may have.
    static let outcomeNames = 16
    /// Bytes of an outcome's name, as in a route file.
    static let outcomeNameBytes = 64
    /// Bytes of a prediction's id, as a server takes them back.
    static let predictionBytes = 128
    /// Outcomes of one body: a tenth of what a server takes, so that it is answered soon.
    static let outcomesOfBatch = 1_000
    /// Bytes of a body of outcomes, half of what a server takes; a single one that is longer goes alone.
    static let outcomeBatchBytes = 512 << 10
    /// Milliseconds that an outcome waits for its body to fill: short beside the windows of outcomes, so that a slow replay is not late.
    static let outcomeWaitMilliseconds: UInt64 = 1_000
    /// Bytes of outcomes that wait, some 100 000 of them. Beyond, no row is sent until there is room; with a rate, outcomes are dropped.
    static let outcomeWaitingBytes = 16 << 20
    /// Bodies in a row that may fail before one of them is given up.
    static let outcomeTries = 5
    /// Seconds that a body rests before it is sent again, however long the server asks for.
    static let outcomeRestSeconds: UInt64 = 10
    /// Answers to outcomes told apart; further ones are counted as `(other)`.
    static let outcomeAnswers = 256
}
