import Primitives
import Processes
import Reactor

/// A worker as its supervisor sees it.
final class WorkerProcess {
    /// What it is there for.
    enum Role: Equatable {
        /// It answers, or will as soon as it is ready.
        case current
        /// New code that takes over when it is ready.
        case incoming
        /// It finishes what is in flight.
        case leaving
    }

    let child: Child
    let slots: ThreadSlots
    let born: Instant
    var role: Role
    private(set) var isReady = false
    /// When it has to have ended, or become ready; then it is killed.
    var patienceEnds: Instant?
    /// The slots of a dead worker that it was given to look at, until it is ready.
    var evidence: ThreadSlots?
    private let status: Descriptor
    private var rest: [UInt8] = []

    /// Readable when it has said something.
    var statusNumber: Int32 { status.number }

    init(_ child: Child, status: consuming Descriptor, slots: ThreadSlots, born: Instant, role: Role, isReady: Bool = false) {
        self.child = child
        self.status = status
        self.slots = slots
        self.born = born
        self.role = role
        self.isReady = isReady
    }

    /// What it has said since the last time; `isOver` when it will say nothing more.
    func reports() -> (reports: [WorkerReport], isOver: Bool) {
        let (bytes, isOver) = Pipe.take(from: status.number)
        rest += bytes
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return ([], isOver) }
        let text = String(decoding: rest[...end], as: UTF8.self)
        rest.removeSubrange(...end)
        let reports = text.split(separator: "\n").compactMap(WorkerReport.init)
        if reports.contains(where: { if case .ready = $0 { true } else { false } }) { isReady = true }
        return (reports, isOver)
    }
}
