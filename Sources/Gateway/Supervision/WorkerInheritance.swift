import Ledgers
import Primitives
import Processes
import Reactor
import TLS

/// What a worker has from its supervisor: sockets, lock, ticket keys, thread slots, and the word on the workers before it.
package final class WorkerInheritance {
    let brief: WorkerBrief
    let data: Listener
    let control: Listener
    /// Held for as long as any process of this server lives.
    private let lock: StateLock
    /// Where this worker's threads say what they are inside of.
    let slots: ThreadSlots
    /// What the worker before left in its slots; nil when it did not die.
    private var deadSlots: ThreadSlots?

    /// Takes what the supervisor passed, and ties this process's life to the supervisor's. Call it before anything else.
    /// - Throws: `ServerError` when nobody passed anything, and the errors of the system.
    package init(_ configuration: ServerConfiguration) throws {
        let (text, _) = Pipe.take(from: WorkerDescriptor.brief.rawValue)
        guard let brief = WorkerBrief(String(decoding: text, as: UTF8.self)) else {
            throw ServerError.failed("weir worker is started by weir serve, not by hand")
        }
        try ProcessSelf.dieWithParent(parent: brief.supervisor)
        for descriptor in WorkerDescriptor.allCases { Pipe.closeOnExec(descriptor.rawValue) }
        _ = Descriptor(owning: WorkerDescriptor.brief.rawValue)
        self.brief = brief
        data = try Listener(adopting: WorkerDescriptor.data.rawValue, host: Listener.host(of: configuration.listen))
        control = try Listener(adopting: WorkerDescriptor.control.rawValue, host: Listener.host(of: configuration.control))
        lock = StateLock(adopting: WorkerDescriptor.lock.rawValue)
        slots = try ThreadSlots(adopting: WorkerDescriptor.slots.rawValue)
        deadSlots = brief.history.death == nil ? nil : try? ThreadSlots(adopting: WorkerDescriptor.deadSlots.rawValue)
        try slots.handleCrashes()
    }

    /// Gives away what the worker before left, once.
    func takeDeadSlots() -> ThreadSlots? {
        defer { deadSlots = nil }
        return deadSlots
    }

    /// Whether no worker was there before this one: somebody may be watching the start.
    package var isFirst: Bool { brief.history == WorkerHistory() }

    /// Tells the supervisor something. One that is gone needs no telling: this process ends with it.
    func report(_ report: WorkerReport) {
        Pipe.send(report.text, to: WorkerDescriptor.status.rawValue)
    }
}
