import Shadowing
import Testing

@Suite struct ExampleShelfTests {
    @Test func `the highest are kept, and come out highest first`() {
        var shelf = ExampleShelf<String>(atMost: 3)
        for (rank, name) in [(0.2, "b"), (0.9, "d"), (0.0, "none"), (0.1, "a"), (0.5, "c"), (0.05, "low")] { shelf.put(name, rank: rank) }
        #expect(!shelf.wants(0.2) && shelf.wants(0.21))
        let taken = shelf.take()
        #expect(taken == ["d", "c", "b"])
        #expect(shelf.isEmpty && shelf.wants(0.01))
    }

    @Test func `nothing is kept below what is stored already`() {
        var shelf = ExampleShelf<String>(atMost: 3)
        shelf.threshold = 0.5
        #expect(!shelf.wants(0.5) && shelf.wants(0.6))
    }
}
