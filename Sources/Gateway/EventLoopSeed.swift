import Admission
import Contracts
import HTTPWire
import Metrics
import Primitives
import Processes
import Reactor
import TLS

/// Whether a loop came to run.
enum LoopStart: Sendable {
    case running
    case failed(String)
}

/// What a reactor's thread is given to build its loop from: only things that may cross threads. The loop itself is made inside the thread and
/// never leaves it.
struct EventLoopSeed: Sendable {
    let number: Int
    let isControl: Bool
    let allowsCrashFaults: Bool
    let quarters: CrewQuarters
    let state: ServerState
    let listener: Listener
    let tls: TLSContext
    let ring: AccessRing
    let records: PredictionRing
    let copies: CopyRing
    let limits: GatewayLimits
    let meter: ReactorMeter
    let nonce: UInt64

    /// Why a loop could not be made.
    enum Failure: Error {
        case outOfMemory
    }

    /// Makes the loop, says so, and turns it until it has drained. The borrowed references hold because `self` outlives the call.
    func run(_ started: Mailbox<LoopStart>) {
        let loop: EventLoopPointer
        do {
            loop = try make()
        } catch {
            return started.post(.failed("\(error)"))
        }
        started.post(.running)
        loop.run()
        loop.pointee.watched.slot.unbind()
        destroy(loop)
    }

    private func make() throws -> EventLoopPointer {
        guard let rules = H2Rules(limits: limits.wire) else { throw Failure.outOfMemory }
        let poller = try Poller()
        let mailbox = isControl ? state.controlMailbox : state.mailboxes[number]
        guard poller.add(mailbox.number, .read, token: EventLoop.mailboxToken),
            poller.add(listener.number, .exclusiveAccept, token: EventLoop.listenerToken)
        else { throw SystemError("epoll_ctl") }
        // The control plane's loop has no models; the bell of the first reactor is not its to hear.
        let completions = quarters.completions(of: isControl ? 0 : number)
        if !isControl, !poller.add(completions.number, .read, token: EventLoop.completionsToken) { throw SystemError("epoll_ctl") }
        let watched = quarters.reactorThread(number)
        try watched.slot.bind()
        let decoder = try BodyDecoder(maxBody: limits.bodyBytes)
        let now = MonotonicTime.now()
        let plan = state.plans.plan
        let slots = max(1, limits.connections)
        let loop = EventLoopPointer.allocate(capacity: 1)
        loop.initialize(
            to: EventLoop(
                number: number, isControl: isControl, allowsCrashFaults: allowsCrashFaults, server: .passUnretained(state), poller: poller, listener: .passUnretained(listener),
                tls: .passUnretained(tls), pipe: Self.place(CipherPipe()), cipherIn: .allocate(capacity: GatewayLimits.bytesPerRead),
                plainIn: .allocate(capacity: GatewayLimits.recordBytes), plainOut: .allocate(capacity: GatewayLimits.recordBytes),
                sink: Self.place(makeWireSink()), limits: Self.place(limits), wireLimits: Self.place(limits.wire),
                scratch: Self.place(H1Scratch(limits.wire)), fields: .allocate(capacity: 16), faults: FaultAnswers(), rules: rules, meter: meter,
                log: .passUnretained(ring), records: .passUnretained(records), copyRing: .passUnretained(copies),
                predictionNonce: nonce,
                concurrency: state.concurrency, now: now, wallMilliseconds: MonotonicTime.wallMilliseconds(),
                planSlot: PlanSlot.make(plan, of: state.plans), wheel: TimerWheel(capacity: slots, now: now), decoder: decoder,
                rows: RowArena(slotsAtMost: plan.slotsAtMost, bodyBytes: limits.bodyBytes), date: DateText(),
                shedder: Shedder(limits.shedPolicy), turnStarted: now, inputSince: now, readAt: now,
                table: Self.place(nil, count: slots), freeSlots: (0..<Int32(slots)).reversed(),
                tickets: TicketTable(now: now), completions: completions, watched: watched))
        return loop
    }

    private func destroy(_ loop: EventLoopPointer) {
        let slot = loop.pointee.planSlot
        slot.pointee.isCurrent = false
        PlanSlot.releaseIfDone(slot)
        loop.pointee.pipe.pointee.free()
        loop.pointee.pipe.deallocate()
        loop.pointee.cipherIn.deallocate()
        loop.pointee.plainIn.deallocate()
        loop.pointee.plainOut.deallocate()
        loop.pointee.sink.deallocate()
        loop.pointee.limits.deallocate()
        loop.pointee.wireLimits.deallocate()
        loop.pointee.scratch.deinitialize(count: 1)
        loop.pointee.scratch.deallocate()
        loop.pointee.fields.deallocate()
        loop.pointee.faults.free()
        loop.pointee.table.deallocate()
        loop.deinitialize(count: 1)
        loop.deallocate()
    }

    /// A value in memory of its own.
    private static func place<Value: ~Copyable>(_ value: consuming Value) -> UnsafeMutablePointer<Value> {
        let memory = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        memory.initialize(to: value)
        return memory
    }

    private static func place(_ value: ConnectionPointer?, count: Int) -> UnsafeMutablePointer<ConnectionPointer?> {
        let memory = UnsafeMutablePointer<ConnectionPointer?>.allocate(capacity: count)
        memory.initialize(repeating: value, count: count)
        return memory
    }
}
