import Synchronization
import Testing

@testable import Admission

@Suite("Concurrency of a route")
struct ConcurrencyGateTests {
    @Test("has as many places as its limit", arguments: [1, 2, 7])
    func limit(places: Int) {
        let words = SharedWords()
        let gate = ConcurrencyGate(words, limit: places, isEnforced: true)
        for _ in 0..<places { #expect(gate.take() == .taken) }
        #expect(gate.take() == .refused)
        #expect(gate.taken == UInt64(places))
        gate.giveBack()
        #expect(gate.take() == .taken)
        #expect(gate.take() == .refused)
    }

    @Test("lets everybody in and says so when it only observes")
    func observes() {
        let words = SharedWords()
        let gate = ConcurrencyGate(words, limit: 1, isEnforced: false)
        #expect(gate.take() == .taken)
        #expect(gate.take() == .takenBeyond)
        #expect(gate.take() == .takenBeyond)
        for _ in 0..<3 { gate.giveBack() }
        #expect(gate.taken == 0)
        #expect(gate.take() == .taken)
    }

    @Test("knows places that were taken under an earlier limit")
    func survivesPlans() {
        let words = SharedWords()
        let wide = ConcurrencyGate(words, limit: 3, isEnforced: true)
        for _ in 0..<3 { #expect(wide.take() == .taken) }
        let narrow = ConcurrencyGate(words, limit: 1, isEnforced: true)
        #expect(narrow.take() == .refused)
        for _ in 0..<3 { narrow.giveBack() }
        #expect(narrow.take() == .taken)
    }

    @Test("never has more places taken than there are when two threads ask at once, and ends empty")
    func twoThreads() async {
        let words = SharedWords()
        let gate = ConcurrencyGate(words, limit: 1, isEnforced: true)
        let inside = SharedWords()
        let counter = ConcurrencyGate(inside, limit: 2, isEnforced: false)
        let served = await withTaskGroup(of: (served: Int, crowds: Int).self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var (served, crowds) = (0, 0)
                    for _ in 0..<50_000 where gate.take() == .taken {
                        served += 1
                        _ = counter.take()
                        if counter.taken > 1 { crowds += 1 }
                        counter.giveBack()
                        gate.giveBack()
                    }
                    return (served, crowds)
                }
            }
            return await group.reduce(into: (served: 0, crowds: 0)) { $0 = ($0.served + $1.served, $0.crowds + $1.crowds) }
        }
        #expect(served.crowds == 0)
        #expect(served.served >= 50_000)
        #expect(gate.taken == 0)
        withExtendedLifetime((words, inside)) {}
    }
}
