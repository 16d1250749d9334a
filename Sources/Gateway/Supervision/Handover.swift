import Primitives
import TLS

/// What a supervisor leaves to the program that takes its place in the same process: descriptors by number, and what it knew.
struct Handover: Equatable {
    var data: Int32
    var control: Int32
    var lock: Int32
    var reactors: Int
    var tickets: TicketKeys
    var history: WorkerHistory
    var streak: Int
    var workers: [Worker]

    /// A worker that goes on.
    struct Worker: Equatable {
        var pid: Int32
        var status: Int32
        var slots: Int32
        /// Nanoseconds of the monotonic clock when it was started.
        var born: UInt64
        var isLeaving: Bool
    }

    private static let title = "weir-handover"
    /// A program that knows another version is not put in the place of this one: it is asked before.
    static let version = 1
    /// The environment variable that names the pipe with the text; or says that the program is only asked whether it would take over.
    static let variable = "WEIR_HANDOVER"
    /// What the variable says to ask.
    static let question = "understood \(version)?"

    /// Reads a text; nil when it is none, or of another version.
    init?(_ text: String) {
        guard let facts = FactLines(text, Self.title, version: Self.version), let data = facts.number("data", as: Int32.self),
            let control = facts.number("control", as: Int32.self), let lock = facts.number("lock", as: Int32.self),
            let reactors = facts.number("reactors", as: Int.self), let tickets = TicketKeys(facts), let streak = facts.number("streak", as: Int.self)
        else { return nil }
        self.init(
            data: data, control: control, lock: lock, reactors: reactors, tickets: tickets, history: WorkerHistory(facts), streak: streak,
            workers: facts.words("worker").compactMap(Worker.init))
    }

    init(
        data: Int32, control: Int32, lock: Int32, reactors: Int, tickets: TicketKeys, history: WorkerHistory, streak: Int, workers: [Worker]
    ) {
        self.data = data
        self.control = control
        self.lock = lock
        self.reactors = reactors
        self.tickets = tickets
        self.history = history
        self.streak = streak
        self.workers = workers
    }

    /// As text, for the pipe.
    var text: String {
        var facts = FactLines(Self.title, version: Self.version)
        facts.add("data", data)
        facts.add("control", control)
        facts.add("lock", lock)
        facts.add("reactors", reactors)
        tickets.write(to: &facts)
        history.write(to: &facts)
        facts.add("streak", streak)
        for worker in workers {
            facts.add("worker", "\(worker.pid) \(worker.status) \(worker.slots) \(worker.born) \(worker.isLeaving ? 1 : 0)")
        }
        return facts.text
    }

    /// Every descriptor that has to stay open.
    var descriptors: [Int32] { [data, control, lock] + workers.flatMap { [$0.status, $0.slots] } }
}

extension Handover.Worker {
    fileprivate init?(_ words: [Substring]) {
        guard words.count == 5, let pid = Int32(words[0]), let status = Int32(words[1]), let slots = Int32(words[2]), let born = UInt64(words[3]) else {
            return nil
        }
        self.init(pid: pid, status: status, slots: slots, born: born, isLeaving: words[4] == "1")
    }
}
