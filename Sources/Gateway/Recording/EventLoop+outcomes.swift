import Contracts
import HTTPWire
import Metrics
import Primitives

// Outcomes on a reactor: handed over as bytes, answered when the ledger has committed. Nothing of them is read here.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Hands a complete body of outcomes to the ledger's thread. The exchange waits; one whose client goes away is freed when its answer comes.
    func submitOutcomes(_ exchange: ExchangePointer) {
        let count = exchange.pointee.count
        let body = [UInt8](unsafeUninitializedCapacity: count + Exchange.padding) { bytes, filled in
            guard let start = bytes.baseAddress else { return }
            start.initialize(from: exchange.pointee.buffer, count: count)
            (start + count).initialize(repeating: 0, count: Exchange.padding)
            filled = count + Exchange.padding
        }
        let holder = exchange.pointee.planSlot.pointee.plan._withUnsafeGuaranteedRef { [token = exchange.pointee.token] in $0.tokens.holder(token) }
        let job = OutcomeJob(
            exchange: UInt(bitPattern: exchange), reactor: pointee.number, body: body, count: count,
            isLines: exchange.pointee.isLines, route: holder?.route.map { NameHash(of: $0) }, author: holder?.name ?? "", arrived: pointee.wallMilliseconds)
        exchange.pointee.stage = .running
        guard !pointee.server.takeUnretainedValue().outcomes.submit(job) else { return }
        pointee.meter.count(.outcomesRefused)
        exchange.answer(.outcomesBusy)
    }

    /// Answers the request that waited at this address.
    func finishOutcomes(_ address: UInt, _ answer: OutcomeReply, _ arrivals: [OutcomeArrival]) {
        for arrival in arrivals { arrival.cells.meter(reactor: pointee.number).event(.outcomeArrived, isFirst: arrival.isFirst) }
        guard let exchange = ExchangePointer(bitPattern: address) else { return }
        guard !exchange.pointee.isGone else { return release(exchange) }
        let extra: WireField? = answer.status == 503 ? .retrySoon : nil
        exchange.answerBytes(answer.status, answer.body, extra, contentType: "application/json")
    }
}
