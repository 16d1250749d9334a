import Testing

@testable import Primitives

@Suite struct ShadowDropTests {
    @Test("raw values are frozen: they are places in counters")
    func rawValues() {
        let frozen: [(ShadowDrop, UInt8, String)] = [
            (.queueFull, 0, "queue-full"), (.expired, 1, "expired"), (.shed, 2, "shed"), (.shadowFailed, 3, "shadow-failed"),
            (.shadowCrash, 4, "shadow-crash"), (.shadowBreaker, 5, "shadow-breaker"), (.primaryFailed, 6, "primary-failed"),
            (.shutdown, 7, "shutdown"), (.workerCrash, 8, "worker-crash"),
        ]
        #expect(frozen.map(\.0) == ShadowDrop.allCases)
        for (reason, value, label) in frozen { #expect(reason.rawValue == value && reason.label == label) }
        #expect(ShadowDrop.allCases.enumerated().allSatisfy { Int($1.rawValue) == $0 }, "the place in a list is the raw value")
    }

    @Test("labels are unique, and all have a word in the counters")
    func labels() {
        #expect(Set(ShadowDrop.allCases.map(\.label)).count == ShadowDrop.allCases.count && ShadowDrop.allCases.count <= 16)
    }
}
