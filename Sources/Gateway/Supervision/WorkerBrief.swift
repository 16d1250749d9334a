import Primitives
import TLS

/// The descriptors that a worker finds when it starts, beside the standard ones.
enum WorkerDescriptor: Int32, CaseIterable {
    /// The listening sockets of the two planes.
    case data = 3, control
    /// The open file that the lock of the state folder belongs to.
    case lock
    /// A pipe to the supervisor, and one from it that holds the brief.
    case status, brief
    /// The slots that this worker's threads use.
    case slots
    /// The slots of the worker that died before it; closed when there is none.
    case deadSlots
}

/// What a supervisor tells a worker beside its flags.
struct WorkerBrief: Equatable {
    /// Process id of the supervisor: the worker does not outlive it.
    var supervisor: Int32
    /// Reactors; the supervisor counts once, so that every worker has as many.
    var reactors: Int
    /// Whether another worker of this server still answers, and leaves when this one is ready.
    var isBesideAnother: Bool
    var tickets: TicketKeys
    var history: WorkerHistory

    private static let title = "weir-worker"
    private static let version = 1

    init(supervisor: Int32, reactors: Int, isBesideAnother: Bool, tickets: TicketKeys, history: WorkerHistory) {
        self.supervisor = supervisor
        self.reactors = reactors
        self.isBesideAnother = isBesideAnother
        self.tickets = tickets
        self.history = history
    }

    /// Reads a brief; nil when it is none, or of another version.
    init?(_ text: String) {
        guard let facts = FactLines(text, Self.title, version: Self.version), let supervisor = facts.number("supervisor", as: Int32.self),
            let reactors = facts.number("reactors", as: Int.self), let tickets = TicketKeys(facts)
        else { return nil }
        self.init(
            supervisor: supervisor, reactors: reactors, isBesideAnother: facts.value("beside") == "1", tickets: tickets, history: WorkerHistory(facts))
    }

    /// As text, for the pipe.
    var text: String {
        var facts = FactLines(Self.title, version: Self.version)
        facts.add("supervisor", supervisor)
        facts.add("reactors", reactors)
        facts.add("beside", isBesideAnother ? 1 : 0)
        tickets.write(to: &facts)
        history.write(to: &facts)
        return facts.text
    }
}

extension TicketKeys {
    /// Adds them to facts that stay in memory.
    func write(to facts: inout FactLines) {
        facts.add("tickets", Hexadecimal.text(of: bytes.span.bytes))
    }

    /// Reads them from facts; nil when they are missing or damaged.
    init?(_ facts: FactLines) {
        guard let digits = facts.value("tickets").map({ Array($0.utf8) }), digits.count == 2 * Self.byteCount else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        var span = bytes.mutableSpan
        guard Hexadecimal.decode(digits.span.bytes, into: &span) else { return nil }
        self.init(bytes: bytes)
    }
}

/// What a worker tells its supervisor, a line each.
enum WorkerReport: Equatable {
    /// It answers; so many routes.
    case ready(routes: Int)
    /// It has taken what waited in the backlog, and takes no more.
    case draining

    /// A line without its end; nil when it is none of these.
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        switch words.first {
        case "ready":
            guard words.count == 2, let routes = Int(words[1]) else { return nil }
            self = .ready(routes: routes)
        case "draining": self = .draining
        default: return nil
        }
    }

    /// The line with its end.
    var text: String {
        switch self {
        case .ready(let routes): "ready \(routes)\n"
        case .draining: "draining\n"
        }
    }
}
