import Admission
package import HTTPWire
package import Primitives

/// Every cap of the gateway that is not a route's, with its unit, its reason and what a peer sees when it is exceeded. What a head may hold is
/// in `WireLimits`. Settable for operators and tests by `--limits name=value,…`; the names are those of `names`.
package struct GatewayLimits: Sendable {
    /// What one head may hold.
    package var wire = WireLimits()

    /// Open connections of the whole process; a connection beyond is closed unanswered. An idle one costs at most 40 KB.
    package var connections = 20_000

    /// From accept to a complete TLS handshake; then the connection is closed.
    package var handshake: Nanoseconds = .seconds(10)

    /// HTTP/1.1: from the first byte of a head to its last; then 408 and the connection is closed. (An HTTP/2 head is whole frames: a
    /// connection that stops within one is idle.)
    package var head: Nanoseconds = .seconds(10)

    /// From a complete head to a complete body; then 408.
    package var body: Nanoseconds = .seconds(30)

    /// Without a request on an open connection; then it is closed. Longer than the 60 s at which common load balancers give up.
    package var idle: Nanoseconds = .seconds(75)

    /// Without the peer taking a byte that we want to send; then the connection is closed (a stream: reset).
    package var writeStall: Nanoseconds = .seconds(30)

    /// From our last answer to a peer that still sends, so that it can read that answer before the reset that follows.
    package var linger: Nanoseconds = .seconds(2)

    /// From the order to stop to the end of what is in flight; then it is cut off.
    package var drain: Nanoseconds = .seconds(30)

    /// Predictions that the process has in work at once, from head to answer; the next is answered 503. Each holds 2 to 4 KiB and its body:
    /// so many are 64 MiB, and more than the cores work off within any deadline worth having.
    package var concurrency = 16_384
    /// Whether that limit refuses or only counts; `off` counts as well.
    package var concurrencyStrictness = Strictness.enforce

    /// What predictions may wait as a rule before their heads are read, and for how long all have to have waited longer before some are
    /// answered 429 (see ``AdmissionLimits``).
    package var shedTarget = AdmissionLimits.shedTarget
    package var shedInterval = AdmissionLimits.shedInterval
    /// Whether they are.
    package var shed = Strictness.enforce

    /// Bytes of a body, whatever the route says. Past it: 413.
    package var bodyBytes = 16 * 1_024 * 1_024

    /// Bytes of request bodies that one reactor holds at once; a request beyond is answered 503.
    package var bufferedBytes = 64 * 1_024 * 1_024

    /// Days that an outcome's row is kept after it arrived, or a day longer than the longest window if that is more; its sums stay.
    package var outcomeDays: UInt64 = 90

    /// Days, rows and bytes that the prediction log keeps; the oldest go first.
    package var predictionDays: UInt64 = 30
    package var predictionRows = 1_000_000
    package var predictionBytes = 1_024 * 1_024 * 1_024

    /// CPU time that a candidate may take in quarantine, counted in whole seconds; then it is refused. Models of the size that is served open
    /// in about a second.
    package var quarantineTime: Nanoseconds = .seconds(5)
    /// Memory that a candidate may take there, above what the runtime itself takes; then it is refused. Trees take 5.5 times their file.
    package var quarantineBytes = 1 << 30

    package init() {}

    /// When requests are turned away because they wait.
    var shedPolicy: ShedPolicy { ShedPolicy(target: shedTarget, interval: shedInterval) }

    /// Bytes of a body that nobody asked for: health, readiness, unknown paths. Past it: 413.
    static let otherBodyBytes = 16 * 1_024

    /// Bytes of a body on the control plane: a split of 32 variants with a reason takes 4 KiB. Past it: 413.
    static let controlBodyBytes = 64 * 1_024

    /// Bytes of `If-Match` that are kept; ours have 12 at most. Longer is 400 `precondition-malformed`.
    static let entityTagBytes = 64

    /// What a change on the control plane waits for until every reactor can have it; then it is answered 202. Other requests there wait too.
    package static let changePatience: Nanoseconds = .seconds(2)
    /// Bytes of a body of outcomes. Past it: 413.
    static let outcomeBytes = 1_024 * 1_024

    /// Outcomes in one body. Past it: 400 `too-many-rows`.
    static let outcomesPerBody = 10_000

    /// Bytes of outcome bodies that wait for the ledger. Past it: 503 `outcomes-busy`.
    static let outcomeQueueBytes = 32 * 1_024 * 1_024

    /// Bytes of outcome bodies that one transaction stores, and the body that passes them: about 20 000 outcomes, some tenths of a second.
    static let outcomeGroupBytes = 2 * 1_024 * 1_024

    /// Rows in one turn whose scores and features are counted: all of them at low load, the turn's first at high load. Which ones is settled
    /// before a variant is chosen, so that variants stay comparable. Counting a row of 14 features costs some 650 instructions.
    static let sketchedRowsPerTurn = 4

    /// Routes whose units' first events are told apart, at 768 KiB each; routes beyond count events only.
    static let firstEventMaps = 256

    /// Failed predictions that the prediction log takes in a second, over all reactors; the rest is counted only.
    static let loggedFailuresPerSecond = 100

    /// Predictions that one transaction of the prediction log stores.
    static let predictionsPerCommit = 500

    /// Requests that one connection can put into one turn; the rest waits for the next, so that a busy connection cannot starve the others.
    static let requestsPerTurn = 32

    /// Predicted inference on a reactor in one turn: what a request of another connection may have to wait for.
    static let inferencePerTurn: Nanoseconds = .milliseconds(1)

    /// Bytes read from one socket in one turn: four TLS records.
    static let bytesPerRead = 64 * 1_024

    /// A TLS record's plain text (RFC 8446 section 5.1): what one write of ours makes at most.
    static let recordBytes = 16 * 1_024

    /// Ciphertext that a peer may send without any plain text coming of it: two records. More is a flood of KeyUpdates and the like.
    static let fruitlessBytes = 2 * (16 * 1_024 + 256)

    /// Milliseconds that `x-weir-timeout-ms` can ask for; more is as good as this. A route's own deadline is 10 minutes at most.
    static let timeoutMilliseconds: UInt64 = 3_600_000

    /// Milliseconds that `x-weir-fault: delay=…` can ask for. More is 400 `fault-malformed`.
    static let practiceMilliseconds: UInt64 = 60_000

    /// Predictions of one reactor that wait at once for a worker or for a practised delay. One more is answered 503 `overloaded`.
    static let tickets = 4_096

    /// Bytes of a unit key; longer is 400 `unit-too-long`.
    static let unitBytes = 256

    /// Bytes of a bearer token; longer is 401.
    static let tokenBytes = 256

    /// Rows of one model call.
    static let rowsPerCall = 64

    /// Steps of TLS handshakes in one turn, at about 0.3 ms each: a flood of new connections must not make the requests of others late.
    /// The rest is reported again in the next turn.
    static let handshakesPerTurn = 16

    /// Connections taken from the backlog in one turn.
    static let acceptsPerTurn = 64

    /// A pause of accepting after the process ran out of descriptors; a closed connection ends it sooner.
    static let acceptPause: Nanoseconds = .milliseconds(100)

    /// From the first GOAWAY to the second: one round trip, generously.
    static let goAwayPause: Nanoseconds = .milliseconds(50)

    /// While another worker takes over: how long a connection without a request is kept, so that a client that is about to ask is answered and
    /// told to connect again. Then it is closed like an idle one.
    static let leavePause: Nanoseconds = .seconds(2)

    /// How long a leaving reactor stays at least: a connection that another one has just accepted for it may be in its mailbox.
    static let leaveFloor: Nanoseconds = .milliseconds(250)
}

extension GatewayLimits {
    /// What `--limits` knows: each name with the values it may have.
    package static let settable: [(name: String, range: ClosedRange<UInt64>)] = [
        ("handshake-ms", milliseconds), ("head-ms", milliseconds), ("body-ms", milliseconds), ("idle-ms", milliseconds),
        ("write-stall-ms", milliseconds), ("linger-ms", milliseconds), ("drain-ms", milliseconds), ("connections", 1...1_000_000),
        ("concurrency", 1...1_000_000), ("shed-target-ms", milliseconds), ("shed-interval-ms", milliseconds),
        ("header-bytes", 1_024...1_048_576), ("header-count", 8...10_000), ("body-bytes", 64...16_777_216),
        ("buffered-bytes", 65_536...68_719_476_736), ("streams", 1...10_000), ("outcome-days", 1...36_500), ("prediction-log-days", 1...36_500),
        ("prediction-log-rows", 1...1_000_000_000), ("prediction-log-bytes", 65_536...1_099_511_627_776),
        ("quarantine-ms", 1_000...600_000), ("quarantine-bytes", 67_108_864...1_099_511_627_776),
    ]

    /// One millisecond to one day.
    private static let milliseconds: ClosedRange<UInt64> = 1...86_400_000

    /// Sets one cap by a name of `settable`, to a value in its range.
    package mutating func set(_ name: String, to value: UInt64) {
        let count = Int(clamping: value)
        switch name {
        case "handshake-ms": handshake = .milliseconds(value)
        case "head-ms": head = .milliseconds(value)
        case "body-ms": body = .milliseconds(value)
        case "idle-ms": idle = .milliseconds(value)
        case "write-stall-ms": writeStall = .milliseconds(value)
        case "linger-ms": linger = .milliseconds(value)
        case "drain-ms": drain = .milliseconds(value)
        case "connections": connections = count
        case "concurrency": concurrency = count
        case "shed-target-ms": shedTarget = .milliseconds(value)
        case "shed-interval-ms": shedInterval = .milliseconds(value)
        case "header-bytes": wire.headBytes = count
        case "header-count": wire.headerCount = count
        case "body-bytes": bodyBytes = count
        case "buffered-bytes": bufferedBytes = count
        case "streams": wire.streams = count
        case "outcome-days": outcomeDays = value
        case "prediction-log-days": predictionDays = value
        case "prediction-log-rows": predictionRows = count
        case "prediction-log-bytes": predictionBytes = count
        case "quarantine-ms": quarantineTime = .milliseconds(value)
        case "quarantine-bytes": quarantineBytes = count
        default: preconditionFailure("\(name) is not among the settable limits")
        }
    }
}

/// What becomes of a request beyond a limit.
package enum Strictness: String, CaseIterable, Sendable {
    /// It is refused.
    case enforce
    /// It is counted, and answered all the same.
    case observe
    /// Nobody looks.
    case off
}
