package import Primitives

/// What waits for a shadow: first come, first served, bounded in rows and bytes.
package struct CopyQueue<Element> {
    private struct Entry {
        let element: Element
        let bytes: Int
        let arrived: Instant
    }

    private var entries: [Entry] = []
    /// Entries before this one have been taken.
    private var first = 0
    private let rowsAtMost: Int
    private let bytesAtMost: Int
    package private(set) var bytes = 0

    /// - Parameters:
    ///   - rowsAtMost: entries that may wait.
    ///   - bytesAtMost: their bytes, as told to `push`.
    package init(rowsAtMost: Int, bytesAtMost: Int) {
        self.rowsAtMost = rowsAtMost
        self.bytesAtMost = bytesAtMost
    }

    package var count: Int { entries.count - first }
    package var isEmpty: Bool { count == 0 }

    /// Adds an entry at the end; false when there is no room.
    package mutating func push(_ element: Element, bytes added: Int, now: Instant) -> Bool {
        guard count < rowsAtMost, bytes + added <= bytesAtMost else { return false }
        entries.append(Entry(element: element, bytes: added, arrived: now))
        bytes += added
        return true
    }

    /// The first entry.
    package var next: Element? { isEmpty ? nil : entries[first].element }

    /// Takes the first entry.
    package mutating func pop() -> Element? {
        guard !isEmpty else { return nil }
        let entry = entries[first]
        bytes -= entry.bytes
        first += 1
        // The taken ones go once they are the larger half: constant work for each on the whole.
        if first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
        return entry.element
    }

    /// Takes what came before `moment`.
    package mutating func expire(before moment: Instant) -> [Element] {
        var expired: [Element] = []
        while !isEmpty, entries[first].arrived < moment, let element = pop() { expired.append(element) }
        return expired
    }

    /// Takes everything.
    package mutating func drain() -> [Element] {
        defer { (entries, first, bytes) = ([], 0, 0) }
        return entries[first...].map(\.element)
    }
}
