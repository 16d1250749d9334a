/// Why a limit turned a connection or stream away, or ended it. At most 16, see ``CellLayout/refusals``.
@frozen public enum Refusal: UInt8, CaseIterable, Sendable {
    /// As many connections as allowed are open.
    case connectionLimit
    /// The process has no file descriptor left.
    case descriptors
    /// The TLS handshake took too long.
    case slowHandshake
    /// The head of a request took too long.
    case slowHead
    /// The body of a request took too long.
    case slowBody
    /// The peer does not read its answers.
    case slowReader
    /// The head, or its decoded fields, is too large.
    case headTooLarge
    /// The body is too large.
    case bodyTooLarge
    /// The peer broke the protocol, or sends resets and control frames faster than allowed.
    case malformed

    /// The value of the `reason` label: the case's name in snake case.
    package var label: String {
        String(describing: self).reduce(into: "") { label, letter in
            label += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}

/// The single counters of a reactor. At most 48, see ``CellLayout/counters``.
@frozen public enum ReactorCounter: UInt8, CaseIterable, Sendable {
    case connectionsOpened, connectionsClosed, handshakesFailed
    case bytesReceived, bytesSent
    case turns, batches
    case requestsH1, requestsH2
    case accessLinesDropped
    /// Items of outcomes that were turned away because they could not be committed.
    case outcomesRefused
    /// Predictions handed to the prediction log.
    case recordsSampled
    /// Predictions that the log had no room for.
    case recordsDropped
    /// Exposures without a slot, whose ids are flagged.
    case exposuresUncounted
    /// Predictions turned away because their token asks faster than its rate, and those that only would have been.
    case rateRefused, rateObserved
    /// Predictions turned away because their route, or the process, answers as many at once as it may; and those that only would have been.
    case concurrencyRefused, concurrencyObserved
    /// Predictions turned away because requests wait too long, and those that only would have been.
    case shedRefused, shedObserved
    /// Predictions turned away because their model's queue was full.
    case queueRefused
    /// Predictions that another variant served because the breaker of theirs was open, and calls that probed an open one.
    case servedElsewhere, probes
    /// Predictions tried again on another variant, and those that the budget did not allow to.
    case retries, retriesDenied
    /// Answers that the route's fallback gave.
    case fallbacks
    /// Faults injected for practice.
    case faultsInjected
    /// Model calls that were ended because their deadline had passed.
    case callsTerminated
}

/// The counters of the reactors themselves, a block for each; layout in ``CellLayout``.
package final class ReactorCells: Sendable {
    private let blocks: CellBlocks

    init(blocks: CellBlocks) {
        self.blocks = blocks
    }

    /// The writer's end for one reactor; same rules as ``VariantCells/meter(reactor:)``.
    package func meter(reactor: Int) -> ReactorMeter {
        // The block is alive: the caller holds these cells as long as the meter.
        unsafe ReactorMeter(words: blocks.words(of: reactor))
    }

    /// The blocks in which anything was counted. Any thread but a reactor's.
    package func records() -> [BlockRecord] {
        blocks.records(touched: CellLayout.answers..<CellLayout.reactorWords)
    }

    /// The numbers so far, over all reactors. Any thread.
    package func totals() -> ReactorTotals {
        // Closed before opened: a connection that comes and goes in between must not make "open" negative.
        let counters = ReactorCounter.allCases.reversed().map { blocks.total(CellLayout.counters + Int($0.rawValue)) }
        return ReactorTotals(
            answers: blocks.statusTotals(at: CellLayout.answers),
            refusals: Refusal.allCases.map { blocks.total(CellLayout.refusals + Int($0.rawValue)) },
            counters: Array(counters.reversed()))
    }

    /// One counter of one reactor, for choosing the reactor with the fewest connections. Any thread.
    package func value(_ counter: ReactorCounter, reactor: Int) -> UInt64 {
        blocks.value(CellLayout.counters + Int(counter.rawValue), of: reactor)
    }
}

/// Counts what happens on one reactor. Sendable for the reason given at ``VariantMeter``.
@safe @frozen public struct ReactorMeter: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Word>

    init(words: UnsafeMutablePointer<Word>) {
        unsafe self.words = words
    }

    /// Adds to a single counter.
    @inlinable public func count(_ counter: ReactorCounter, _ amount: Int = 1) {
        unsafe words.add(UInt64(truncatingIfNeeded: amount), at: CellLayout.counters &+ Int(counter.rawValue))
    }

    /// Counts a connection or stream that a limit turned away or ended.
    @inlinable public func refused(_ reason: Refusal) {
        unsafe words.add(1, at: CellLayout.refusals &+ Int(reason.rawValue))
    }

    /// Counts an answer that belongs to no route (404, health, a malformed request).
    @inlinable public func answered(_ status: StatusCode) {
        unsafe words.add(1, at: CellLayout.answers &+ Int(status.rawValue))
    }
}
