import Foundation
import Ledgers
import Primitives
import TLS
import Testing

@testable import Gateway
@testable import Processes

@Suite struct RestartPaceTests {
    @Test("the first restart is at once, then pauses double up to ten seconds")
    func doubles() {
        var pace = RestartPace()
        let pauses = (0..<12).map { _ in pace.pause(afterLifeOf: .milliseconds(50)) / 1_000_000 }
        #expect(pauses == [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000])
    }

    @Test("a worker that has lived a minute is replaced at once again")
    func forgives() {
        var pace = RestartPace(streak: 7)
        #expect(pace.pause(afterLifeOf: .seconds(59)) == .milliseconds(6_400))
        #expect(pace.pause(afterLifeOf: .seconds(60)) == 0)
        #expect(pace.pause(afterLifeOf: 0) == .milliseconds(100))
    }

    @Test("a streak of any length has a pause")
    func bounded() {
        var pace = RestartPace(streak: .max - 1)
        #expect(pace.pause(afterLifeOf: 0) == RestartPace.longestPause)
        #expect(RestartPace(streak: -3).streak == 0)
    }
}

@Suite struct SupervisionTextTests {
    /// A history with everything in it.
    static let history: WorkerHistory = {
        var history = WorkerHistory()
        history.note(WorkerDeath(signal: 9, code: 0, at: 1_000))
        history.note(WorkerDeath(signal: nil, code: 3, at: 2_000))
        history.note(WorkerDeath(signal: 11, code: 0, at: 3_000))
        return history
    }()

    @Test("what a worker is told comes through as it was", arguments: [WorkerHistory(), history])
    func brief(history: WorkerHistory) throws {
        let brief = WorkerBrief(supervisor: 4_711, reactors: 2, isBesideAnother: true, tickets: try TicketKeys(), history: history)
        #expect(WorkerBrief(brief.text) == brief)
    }

    @Test("what one program leaves to the next comes through as it was")
    func handover() throws {
        let workers = [
            Handover.Worker(pid: 12, status: 7, slots: 8, born: 1_234_567, isLeaving: false),
            Handover.Worker(pid: 11, status: 9, slots: 10, born: 1_234, isLeaving: true),
        ]
        let handover = Handover(
            data: 3, control: 4, lock: 5, reactors: 2, tickets: try TicketKeys(), history: Self.history, streak: 2, workers: workers)
        #expect(Handover(handover.text) == handover)
        #expect(handover.descriptors == [3, 4, 5, 7, 8, 9, 10])
        #expect(handover.text.utf8.count < 4_096, "it has to fit into a pipe")
    }

    @Test(
        "a text of another kind, version or shape is refused",
        arguments: ["", "weir-worker 1", "weir-worker 2\nsupervisor 1\nreactors 2\ntickets 00", "weir-handover 1\nsupervisor 1", "\n\n", "weir-worker 1\nsupervisor x"])
    func refusals(text: String) {
        #expect(WorkerBrief(text) == nil)
        #expect(Handover(text) == nil)
    }

    @Test("a line of a worker is understood, and nothing else", arguments: [
        ("ready 3", WorkerReport.ready(routes: 3)), ("draining", .draining), ("ready", nil), ("ready soon", nil), ("", nil), ("READY 3", nil),
    ])
    func reports(line: String, report: WorkerReport?) {
        #expect(WorkerReport(line[...]) == report)
        if let report { #expect(report.text == line + "\n") }
    }

    @Test("restarts are counted by what the worker died of")
    func reasons() {
        #expect(Self.history.restarts == [.killed: 1, .exit: 1, .crash: 1])
        var next = Self.history
        next.noteUpgrade()
        #expect(next.restarts[.upgrade] == 1)
        #expect(next.death == nil, "nobody died for new code")
    }

    @Test("a program that is only asked says no to what it does not know", arguments: [
        (Handover.question, true, true), ("understood 999?", true, false),
    ])
    func question(value: String, isOnlyAsked: Bool, agrees: Bool) {
        let program = Program(path: "weir", arguments: [], environment: [Handover.variable: value, "HOME": "/"])
        #expect(program.isOnlyAsked == isOnlyAsked)
        #expect((program.objection == nil) == agrees)
        #expect(program.environment == ["HOME": "/"], "no child sees it")
    }

    @Test("a variable that weir did not set is refused", arguments: ["nonsense", "77777"])
    func foreign(value: String) {
        let program = Program(path: "weir", arguments: [], environment: [Handover.variable: value])
        #expect(throws: ServerError.self) { _ = try program.handover() }
    }
}

@Suite struct SuspectListTests {
    static let champion = Suspect(route: 1, variant: 2, model: 3)
    static let challenger = Suspect(route: 1, variant: 4, model: .max)

    @Test("who is inside once is not put aside; twice in three deaths he is, and starts anew")
    func twice() {
        var list = SuspectList()
        #expect(list.note([Self.champion, Self.challenger]) == [])
        #expect(list.note([Self.challenger]) == [Self.challenger])
        #expect(list.note([Self.challenger]) == [], "what he did was held against him once")
        #expect(list.note([Self.champion]) == [], "his first death is forgotten")
        #expect(list.note([Self.champion]) == [Self.champion])
    }

    @Test("a death with nobody inside counts as one of the three")
    func empty() {
        var list = SuspectList()
        for suspects in [[Self.champion], [], []] as [Set<Suspect>] { #expect(list.note(suspects) == []) }
        #expect(list.note([Self.champion]) == [])
        #expect(list.deaths.count == SuspectList.deathsKept)
    }

    @Test("the list comes back from its file as it was, and from any other text empty")
    func text() {
        var list = SuspectList()
        _ = list.note([Self.champion, Self.challenger])
        _ = list.note([])
        #expect(SuspectList(list.text) == list)
        #expect(SuspectList("death 1:2:3") == SuspectList())
        #expect(SuspectList("weir-suspects 1\ndeath 1:2 x 1:2:3:4 1:2:3").deaths == [[Self.champion]])
    }
}

@Suite struct BlameTests {
    static func occupant(_ slot: Int, variant: UInt32) -> SlotOccupant {
        SlotOccupant(
            slot: slot, route: 7, variant: variant, model: 9, since: Instant(nanoseconds: 1), deadline: Instant(nanoseconds: 2), isTerminated: false,
            rows: [], rowsLost: 0)
    }

    @Test("a thread that crashed inside a model names it; one inside nothing names nobody")
    func named() {
        let inside = [Self.occupant(0, variant: 1), Self.occupant(2, variant: 5)]
        #expect(Blame(CrashReading(signal: 11, slot: 2, isHang: false, occupants: inside)) == .named(Suspect(route: 7, variant: 5, model: 9)))
        #expect(Blame(CrashReading(signal: 11, slot: 1, isHang: false, occupants: inside)) == .ours)
    }

    @Test("without a word, or from a thread without a slot, all who were inside are suspects", arguments: [nil, 11] as [Int32?])
    func unknown(signal: Int32?) {
        let inside = [Self.occupant(0, variant: 1), Self.occupant(2, variant: 5), Self.occupant(3, variant: 5)]
        let suspects: Set = [Suspect(route: 7, variant: 1, model: 9), Suspect(route: 7, variant: 5, model: 9)]
        #expect(Blame(CrashReading(signal: signal, slot: nil, isHang: false, occupants: inside)) == .unknown(suspects))
    }
}
