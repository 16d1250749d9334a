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
}
