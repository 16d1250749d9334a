extension ShadowRecord {
    /// Adds what another record counted, of another primary, revision or model; what this one is about stays. Of outputs and classes there
    /// are then as many as the larger of both has, and they are added by their places: see ``arranged(_:)``.
    package mutating func add(_ other: ShadowRecord) {
        sampled &+= other.sampled
        for (reason, count) in other.dropped.enumerated() { dropped[reason] &+= count }
        compared &+= other.compared
        agreed &+= other.agreed
        bitEqual &+= other.bitEqual
        nonFinite &+= other.nonFinite
        diverged &+= other.diverged
        ran &+= other.ran
        truths.add(other.truths)
        time.merge(other.time)
        logLoss.merge(other.logLoss)
        brier.merge(other.brier)
        primaryTime.merge(other.primaryTime)
        shadowTime.merge(other.shadowTime)
        for (place, output) in other.outputs.enumerated() {
            if place < outputs.count { outputs[place].add(output) } else { outputs.append(output) }
        }
        addConfusion(other.confusion)
    }

    private mutating func addConfusion(_ other: [[UInt64]]) {
        let classes = max(confusion.count, other.count)
        confusion = (0..<classes).map { row in
            (0..<classes).map { column in
                func count(_ table: [[UInt64]]) -> UInt64 { row < table.count && column < table[row].count ? table[row][column] : 0 }
                return count(confusion) &+ count(other)
            }
        }
    }

    /// The same counts with outputs and classes in another order; nil when these are not as many, or not all told apart.
    ///
    /// - Parameter order: for each new place the old one, each once.
    package func arranged(_ order: [Int]) -> ShadowRecord? {
        guard order.sorted() == Array(order.indices), order.count == confusion.count, outputs.isEmpty || outputs.count == order.count else {
            return nil
        }
        var record = self
        record.outputs = outputs.isEmpty ? [] : order.map { outputs[$0] }
        record.confusion = order.map { row in order.map { confusion[row][$0] } }
        return record
    }
}

extension ShadowRecord.Truths {
    fileprivate mutating func add(_ other: Self) {
        bothRight &+= other.bothRight
        onlyPrimary &+= other.onlyPrimary
        onlyShadow &+= other.onlyShadow
        bothWrong &+= other.bothWrong
        withoutPair &+= other.withoutPair
    }
}

extension ShadowRecord.OutputDifference {
    fileprivate mutating func add(_ other: Self) {
        for cell in absolute.indices { absolute[cell] &+= other.absolute[cell] }
        for cell in relative.indices { relative[cell] &+= other.relative[cell] }
        largestAbsolute = max(largestAbsolute, other.largestAbsolute)
        largestRelative = max(largestRelative, other.largestRelative)
    }
}
