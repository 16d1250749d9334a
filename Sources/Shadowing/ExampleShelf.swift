/// Keeps the few of many that rank highest until they are fetched: what is worth storing of the rows on which two models differ most.
package struct ExampleShelf<Example> {
    private var kept: [(rank: Double, example: Example)] = []
    private let most: Int
    /// The smallest rank that is stored already, once the store is full: nothing below it is of use.
    package var threshold: Double?

    package init(atMost most: Int) {
        self.most = most
    }

    package var isEmpty: Bool { kept.isEmpty }

    /// Whether an example of this rank would be kept: asked before it is made. Rows without a difference never are.
    package func wants(_ rank: Double) -> Bool {
        guard rank > 0, rank > threshold ?? 0 else { return false }
        return kept.count < most || rank > kept[kept.count - 1].rank
    }

    /// Keeps an example, if it is wanted.
    package mutating func put(_ example: Example, rank: Double) {
        guard wants(rank) else { return }
        let place = kept.firstIndex { $0.rank < rank } ?? kept.count
        kept.insert((rank, example), at: place)
        if kept.count > most { kept.removeLast() }
    }

    /// Takes all, highest first.
    package mutating func take() -> [Example] {
        defer { kept = [] }
        return kept.map(\.example)
    }
}
