/// Names a prediction among all: worker start, reactor and sequence, as in its id.
package struct PairKey: Hashable, Sendable {
    package let nonce: UInt64
    /// Reactor in the top byte, sequence below.
    package let place: UInt64

    package init(nonce: UInt64, reactor: UInt8, sequence: UInt64) {
        self.nonce = nonce
        place = UInt64(reactor) << 56 | sequence
    }
}

/// Pairs of answers that an outcome may still come for: bounded in bytes and in time, the oldest go first.
package struct PairTable<Pair> {
    private struct Entry {
        let key: PairKey
        let bytes: Int
        let at: UInt64
    }

    private var pairs: [PairKey: Pair] = [:]
    private var order: [Entry] = []
    private var first = 0
    private let bytesAtMost: Int
    package private(set) var bytes = 0

    package init(bytesAtMost: Int) {
        self.bytesAtMost = bytesAtMost
    }

    package var count: Int { pairs.count }

    /// The pair of a prediction; set it to change one that is there.
    package subscript(key: PairKey) -> Pair? {
        get { pairs[key] }
        set { if pairs[key] != nil, let newValue { pairs[key] = newValue } }
    }

    /// Adds a pair, and lets the oldest go that there is no room for any more.
    /// - Parameter at: wall clock of the prediction, in milliseconds.
    package mutating func add(_ pair: Pair, key: PairKey, bytes added: Int, at: UInt64) {
        guard added <= bytesAtMost, pairs.updateValue(pair, forKey: key) == nil else { return }
        order.append(Entry(key: key, bytes: added, at: at))
        bytes += added
        while bytes > bytesAtMost { removeOldest() }
    }

    /// Lets pairs go whose prediction was made before `moment`, in milliseconds. Those come in the order in which they were compared, nearly that
    /// of their predictions.
    package mutating func forget(before moment: UInt64) {
        while first < order.count, order[first].at < moment { removeOldest() }
    }

    private mutating func removeOldest() {
        let entry = order[first]
        pairs[entry.key] = nil
        bytes -= entry.bytes
        first += 1
        if first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
    }
}
