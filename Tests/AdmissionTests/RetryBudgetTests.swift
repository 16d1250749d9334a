import Primitives
import Testing

@testable import Admission

@Suite("Retry budget of a route")
struct RetryBudgetTests {
    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: UInt64((1_000_000 + seconds) * 1e9)) }

    private func budget(_ percent: Double) -> (budget: RetryBudget, words: SharedWords) {
        let words = SharedWords(count: RetryBudget.words)
        return (RetryBudget(words, percent: percent), words)
    }

    /// Retries that the budget still gives out now.
    private func drain(_ budget: RetryBudget, now: Instant) -> Int {
        var count = 0
        while budget.withdraw(now: now) { count += 1 }
        return count
    }

    @Test(
        "allows its percentage of the requests, and three at least",
        arguments: [(10, 0, 3), (10, 29, 3), (10, 40, 4), (10, 1_000, 100), (1, 1_000, 10), (100, 250, 250), (2.5, 1_000, 25), (0, 100_000, 10), (500, 100, 100)]
            as [(Double, Int, Int)])
    func share(percent: Double, requests: Int, allowed: Int) {
        let (budget, words) = budget(percent)
        budget.requested(requests, now: at(0))
        #expect(drain(budget, now: at(0.5)) == allowed)
        withExtendedLifetime(words) {}
    }

    @Test("counts the requests of the current second and the nine before")
    func window() {
        let (budget, words) = budget(10)
        for second in 0..<10 { budget.requested(100, now: at(Double(second))) }
        #expect(drain(budget, now: at(9.9)) == 100)
        // A second later the first hundred requests are out, the retries are not.
        #expect(!budget.withdraw(now: at(10.1)))
        // Ten seconds after the retries nothing counts any more.
        #expect(drain(budget, now: at(19.9)) == 3)
        withExtendedLifetime(words) {}
    }

    @Test("frees retries as they grow old", arguments: [9.0, 10.0, 16.0, 26.0, 65_536.0])
    func retriesGrowOld(later: Double) {
        let (budget, words) = budget(10)
        #expect(drain(budget, now: at(0)) == 3)
        #expect(drain(budget, now: at(later)) == (later < 10 ? 0 : later == 65_536 ? 0 : 3))
        withExtendedLifetime(words) {}
    }

    @Test("stays in bounds when a second has more requests than its word can count")
    func saturates() {
        let (budget, words) = budget(1)
        for _ in 0..<4 { budget.requested(200_000_000, now: at(3)) }
        budget.requested(-5, now: at(3))
        // 2^28 - 1 requests, and no carry into the second's number.
        #expect(budget.withdraw(now: at(3)))
        #expect(drain(budget, now: at(13)) == 3)
        withExtendedLifetime(words) {}
    }

    @Test("gives out what it has and no more when two threads draw on it at once")
    func twoThreads() async {
        let (budget, words) = budget(10)
        let now = at(0.2)
        let given = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    (0..<5_000).count { _ in
                        budget.requested(1, now: now)
                        return budget.withdraw(now: now)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(given == 1_000)
        withExtendedLifetime(words) {}
    }
}
