import Metrics
import Primitives
import Reactor
import Testing

@testable import Gateway

@Suite("what the threads share") struct ServerStateTests {
    private func state(reactors: Int = 3, limit: Int = 100) throws -> ServerState {
        var limits = GatewayLimits()
        limits.connections = limit
        return ServerState(
            plan: try PlanRig.plan([]), mailboxes: try (0..<reactors).map { _ in try Mailbox<LoopOrder>() }, controlMailbox: try Mailbox(),
            cells: CellRegistry(reactors: reactors + 1), limits: limits, controlHandler: { _ in .fault(404, "none", "None.") },
            bell: try Mailbox(), outcomes: try OutcomeDesk())
    }

    private func name(_ order: LoopOrder) -> String {
        switch order {
        case .adopt(let socket): "adopt \(socket)"
        case .newPlan: "plan"
        case .outcomes(let address, let reply, _): "outcomes \(address) \(reply.status)"
        case .drain(let deadline): "drain \(deadline.nanoseconds)"
        case .leave(let deadline): "leave \(deadline.nanoseconds)"
        }
    }

    @Test("a connection goes to the reactor with the fewest; the one that accepted it wins a tie")
    func fewest() throws {
        let state = try state()
        let homes = [1, 1, 1, 1, 2, 0].map { state.homeForConnection(acceptedBy: $0, isControl: false) }
        #expect(homes == [1, 0, 2, 1, 2, 0])
        state.connectionEnded(reactor: 2, isControl: false)
        state.connectionEnded(reactor: 2, isControl: false)
        #expect([0, 0].map { state.homeForConnection(acceptedBy: $0, isControl: false) } == [2, 2])
    }

    @Test("the limit is that of all reactors together, and every place comes back", arguments: [1, 2, 5], [1, 7])
    func limit(reactors: Int, limit: Int) throws {
        let state = try state(reactors: reactors, limit: limit)
        for _ in 0..<3 {
            let homes = (0..<limit).compactMap { state.homeForConnection(acceptedBy: $0 % reactors, isControl: false) }
            #expect(homes.count == limit)
            #expect((0..<reactors).allSatisfy { state.homeForConnection(acceptedBy: $0, isControl: false) == nil })
            let shares = (0..<reactors).map { reactor in homes.count { $0 == reactor } }
            #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
            for home in homes { state.connectionEnded(reactor: home, isControl: false) }
        }
    }

    @Test("the control plane has its own places, which clients can neither take nor give")
    func control() throws {
        let state = try state(reactors: 2, limit: 1)
        #expect(state.homeForConnection(acceptedBy: 0, isControl: false) == 0)
        #expect((0..<256).allSatisfy { _ in state.homeForConnection(acceptedBy: 2, isControl: true) == 2 })
        #expect(state.homeForConnection(acceptedBy: 2, isControl: true) == nil)
        state.connectionEnded(reactor: 2, isControl: true)
        #expect(state.homeForConnection(acceptedBy: 1, isControl: false) == nil)
        #expect(state.homeForConnection(acceptedBy: 2, isControl: true) == 2)
    }

    @Test("a new plan wakes everybody")
    func publish() throws {
        let state = try state()
        state.publish(try PlanRig.plan([], generation: 2))
        #expect(state.plans.generation == 2)
        for mailbox in state.mailboxes + [state.controlMailbox] { #expect(mailbox.take().map(name) == ["plan"]) }
    }

    @Test("a drain is told to the reactors and not to the control plane")
    func drain() throws {
        let state = try state()
        #expect(!state.isDraining)
        state.drain(by: Instant(nanoseconds: 99))
        #expect(state.isDraining && !state.isWelcoming)
        for mailbox in state.mailboxes { #expect(mailbox.take().map(name) == ["drain 99"]) }
        #expect(state.controlMailbox.take().isEmpty)
    }
    @Test("leaving is told to everybody, and the address stays welcoming: another worker is there")
    func leave() throws {
        let state = try state()
        #expect(state.isWelcoming)
        state.leave(by: Instant(nanoseconds: 99))
        #expect(state.isDraining && state.isWelcoming)
        for mailbox in state.mailboxes + [state.controlMailbox] { #expect(mailbox.take().map(name) == ["leave 99"]) }
        state.drain(by: Instant(nanoseconds: 100))
        #expect(state.isDraining)
    }
}
