import Breakers
import Inference
import Metrics
import Primitives
import Processes
import Reactor

// Calls of models: many requests in one, rerun alone where it fails, and what each of them came to.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Takes the lane whose waiting requests are predicted to take the least.
    func takeCheapest() -> UnsafeMutablePointer<ModelLane>? {
        guard var best = pointee.active else { return nil }
        var beforeBest: UnsafeMutablePointer<ModelLane>?
        var previous = best
        while let lane = previous.pointee.nextActive {
            if lane.pointee.predicted < best.pointee.predicted {
                best = lane
                beforeBest = previous
            }
            previous = lane
        }
        if let beforeBest { beforeBest.pointee.nextActive = best.pointee.nextActive } else { pointee.active = best.pointee.nextActive }
        best.pointee.isActive = false
        return best
    }

    func run(_ lane: UnsafeMutablePointer<ModelLane>) {
        while let batch = lane.dequeueBatch() { run(batch.first, rows: batch.rows, on: lane) }
    }

    /// One call of the model for a chain of requests. When it fails, they are run one by one: only those that fail alone fail.
    private func run(_ first: ExchangePointer, rows: Int, on lane: UnsafeMutablePointer<ModelLane>) {
        var next: ExchangePointer? = first
        var row = 0
        var (deadline, limit) = (first.deadline, first.limit)
        while let exchange = next {
            next = exchange.pointee.next
            fill(exchange, from: row, on: lane)
            row += exchange.pointee.rows
            deadline = max(deadline, exchange.deadline)
            limit = max(limit, exchange.limit)
        }
        if hasMisfit(first) {
            pointee.watched.slot.leave()
            return runAlone(first, after: nil, on: lane)
        }
        let call = call(lane, rows: rows, for: first, until: deadline, limit: limit)
        guard call.result == .ok || first.pointee.next == nil else { return runAlone(first, after: call, on: lane) }
        finishAlone(first, call, on: lane)
    }

    private func fill(_ exchange: ExchangePointer, from start: Int, on lane: UnsafeMutablePointer<ModelLane>) {
        let route = exchange.pointee.route.unsafelyUnwrapped
        let width = route.pointee.fieldCount
        let first = exchange.pointee.slots.unsafelyUnwrapped
        for row in 0..<exchange.pointee.rows {
            let misfit = lane.pointee.lane.fill(row: start + row, slots: first + row * width, text: exchange.pointee.text.unsafelyUnwrapped)
            guard misfit >= 0, exchange.pointee.misfit < 0 else { continue }
            exchange.pointee.misfit = Int32(misfit)
            exchange.pointee.misfitRow = Int32(row)
        }
        keepRows(exchange, route)
    }

    /// What a call of a model came to.
    private struct Call {
        var result: RunResult
        var rows: Int
        var began: Instant
        var took: Nanoseconds
        /// The watchdog ended it.
        var isTerminated: Bool
    }

    /// Runs the model over what was filled in, watched: `until` is when the last of its requests is due, `limit` when the last of their
    /// routes' deadlines is.
    private func call(
        _ lane: UnsafeMutablePointer<ModelLane>, rows: Int, for first: ExchangePointer, until deadline: Instant, limit: Instant
    ) -> Call {
        let before = MonotonicTime.now()
        pointee.now = before
        enterModel(first, lane, until: deadline, limit: limit)
        let result = lane.pointee.lane.run(rows: rows)
        let isTerminated = pointee.watched.leave()
        pointee.now = MonotonicTime.now()
        pointee.meter.count(.batches)
        let took = pointee.now.since(before)
        if result == .ok { lane.pointee.learn(rows: rows, took: took) }
        if isTerminated {
            pointee.meter.count(.callsTerminated)
            lane.pointee.askForWorkers()
        }
        return Call(result: result, rows: rows, began: before, took: took, isTerminated: isTerminated)
    }

    /// Whether a request of the chain has a value that the model, or the room left for texts in this call, cannot take.
    private func hasMisfit(_ first: ExchangePointer) -> Bool {
        var next: ExchangePointer? = first
        while let exchange = next {
            if exchange.pointee.misfit >= 0 { return true }
            next = exchange.pointee.next
        }
        return false
    }

    /// - Parameter together: the call of all of them that came to nothing; nil when there was none.
    private func runAlone(_ first: ExchangePointer, after together: Call?, on lane: UnsafeMutablePointer<ModelLane>) {
        var next: ExchangePointer? = first
        var isLateReported = false
        while let exchange = next {
            next = exchange.pointee.next
            exchange.pointee.next = nil
            // The call that failed, or a neighbour's, may have used its time up.
            guard pointee.now < exchange.deadline else {
                if let together, together.isTerminated { finishLate(exchange, together, &isLateReported) } else { recover(exchange, .deadline) }
                continue
            }
            exchange.pointee.misfit = -1
            fill(exchange, from: 0, on: lane)
            if exchange.pointee.misfit >= 0 {
                pointee.watched.slot.leave()
                answerMisfit(exchange, column: exchange.pointee.misfit, row: exchange.pointee.misfitRow)
                continue
            }
            let alone = call(lane, rows: exchange.pointee.rows, for: exchange, until: exchange.deadline, limit: exchange.limit)
            finishAlone(exchange, alone, on: lane)
        }
    }

    /// Answers a chain whose call succeeded, or one request whose call failed: that one's rows are run one by one.
    private func finishAlone(_ exchange: ExchangePointer, _ call: Call, on lane: UnsafeMutablePointer<ModelLane>) {
        let isRerun = call.result != .ok && !call.isTerminated && exchange.pointee.rows > 1 && pointee.now < exchange.deadline
        if isRerun { runRows(exchange, after: call, on: lane) } else { finish(exchange, call, on: lane) }
    }

    /// Runs the rows of one request one by one: those that fail alone get no label and scores that are no numbers.
    private func runRows(_ exchange: ExchangePointer, after together: Call, on lane: UnsafeMutablePointer<ModelLane>) {
        let (rows, width) = (exchange.pointee.rows, lane.pointee.scoreCount)
        let route = exchange.pointee.route.unsafelyUnwrapped
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { labels in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, rows * width)) { scores in
                let (labels, scores) = (labels.baseAddress.unsafelyUnwrapped, scores.baseAddress.unsafelyUnwrapped)
                labels.initialize(repeating: -1, count: rows)
                scores.initialize(repeating: .nan, count: max(1, rows * width))
                let began = pointee.now
                var last = together
                for row in 0..<rows where pointee.now < exchange.deadline {
                    let slots = exchange.pointee.slots.unsafelyUnwrapped + row * route.pointee.fieldCount
                    // It fitted before, with all the others.
                    _ = lane.pointee.lane.fill(row: 0, slots: slots, text: exchange.pointee.text.unsafelyUnwrapped)
                    keepRows(exchange, route)
                    last = call(lane, rows: 1, for: exchange, until: exchange.deadline, limit: exchange.limit)
                    guard last.result == .ok else { continue }
                    labels[row] = lane.pointee.lane.labels[0]
                    (scores + row * width).update(from: lane.pointee.lane.scores, count: width)
                }
                exchange.modelTook(pointee.now.since(began))
                exchange.pointee.modelShare = pointee.now.since(began) / UInt64(max(1, rows))
                guard pointee.now < exchange.deadline else {
                    // What the lane holds now is one row's.
                    copy(exchange, labels: labels, scores: scores)
                    return finish(exchange, last, on: lane)
                }
                conclude(exchange, labels: labels, scores: scores, began: began, failure: .failed)
            }
        }
    }

    /// Answers a chain of requests from one call.
    private func finish(_ first: ExchangePointer, _ call: Call, on lane: UnsafeMutablePointer<ModelLane>) {
        var next: ExchangePointer? = first
        var row = 0
        var isLateReported = false
        while let exchange = next {
            next = exchange.pointee.next
            // Read before the answer: one whose client is gone is freed by it.
            let rows = exchange.pointee.rows
            exchange.modelTook(call.took)
            exchange.pointee.modelShare = call.took / UInt64(max(1, call.rows))
            if pointee.now >= exchange.deadline {
                // Too late for the client, and an answer all the same: the slow ones must not be missing from the comparison.
                if call.result == .ok { copy(exchange, labels: lane.pointee.lane.labels + row, scores: lane.pointee.lane.scores + row * lane.pointee.scoreCount) }
                finishLate(exchange, call, &isLateReported)
            } else if call.result != .ok {
                fail(exchange, .failed, began: call.began)
            } else {
                let scores = lane.pointee.lane.scores + row * lane.pointee.scoreCount
                conclude(exchange, labels: lane.pointee.lane.labels + row, scores: scores, began: call.began)
            }
            row += rows
        }
    }

    /// A request whose deadline passed in the model. A call that came late is one failure, however many requests it was for: the machine may
    /// have stalled, and a stall must not open breakers; and of those that shared a call with an endless row only that one is to blame.
    private func finishLate(_ exchange: ExchangePointer, _ call: Call, _ isReported: inout Bool) {
        let isPastLimit = call.began.advanced(by: call.took) >= exchange.limit
        let result = CallResult.ofLateCall(
            isOK: call.result == .ok, isTerminated: call.isTerminated, isSlow: exchange.isSlow, isPastLimit: isPastLimit)
        if let result, !isReported || !result.isFailure || exchange.pointee.lease != nil {
            report(exchange, result, rows: result.isFailure ? 1 : exchange.pointee.rows, began: call.began)
            isReported = isReported || result.isFailure
        }
        recover(exchange, .deadline)
    }

    /// Answers a request with what its model said, row by row: a row that is no answer is the variant's failure, and its alone.
    ///
    /// - Parameter failure: what a row without an answer is reported as.
    func conclude(
        _ exchange: ExchangePointer, labels: UnsafePointer<Int32>, scores: UnsafePointer<Float>, began: Instant, failure: CallResult = .invalid
    ) {
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        let (rows, width) = (exchange.pointee.rows, variant.pointee.scoreCount)
        var answered = 0
        if !exchange.pointee.spoilsAnswer {
            for row in 0..<rows where exchange.isAnswer(labels[row], scores + row * width, variant) { answered += 1 }
        }
        if answered < rows {
            if failure == .invalid { exchange.countEvent(.invalidOutput) }
            report(exchange, exchange.pointee.spoilsAnswer ? .faulted : failure, rows: rows - answered, began: began)
        }
        copy(exchange, labels: labels, scores: scores)
        guard answered > 0 else { return recover(exchange, .modelFailed) }
        report(exchange, exchange.isSlow ? .slow : .ok, rows: answered, began: began)
        if exchange.pointee.isGone { return release(exchange) }
        exchange.answerPrediction(labels: labels, scores: scores)
    }
}
