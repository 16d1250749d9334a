import Primitives

/// Everything that is known of a shadow beside one primary variant, under one revision and pair of models: from the words of its blocks of
/// copies and of pairs, live, of a file, or a sum of any number of them.
package struct ShadowRecord: Equatable, Sendable {
    package let route: String
    package let shadow: String
    package let revision: UInt32
    /// ``ShadowShape``'s hash.
    package let shape: UInt64
    /// ``NameHash`` of the primary's name.
    package let primary: UInt32
    /// The first 32 bits of the shadow's digest.
    package let model: UInt32
    /// Predictions of which a copy was to be made.
    package var sampled: UInt64 = 0
    /// Those that were not compared, by `ShadowDrop`'s raw value.
    package var dropped = [UInt64](repeating: 0, count: ShadowDrop.allCases.count)
    /// Pairs, and what they were.
    package var compared: UInt64 = 0
    package var agreed: UInt64 = 0
    package var bitEqual: UInt64 = 0
    package var nonFinite: UInt64 = 0
    package var diverged: UInt64 = 0
    /// Rows that the shadow answered, compared or not.
    package var ran: UInt64 = 0
    package var truths = Truths()
    /// Time inside the model, a row's share, in nanoseconds.
    package var time = PairedSum()
    /// In millionths.
    package var logLoss = PairedSum()
    package var brier = PairedSum()
    package var primaryTime = LatencyHistogram()
    package var shadowTime = LatencyHistogram()
    /// For each output that is compared.
    package var outputs: [OutputDifference] = []
    /// classes x classes: how often the primary answered the one (row) and the shadow the other (column); empty for values.
    package var confusion: [[UInt64]] = []

    /// Label outcomes of pairs.
    package struct Truths: Equatable, Sendable {
        package var bothRight: UInt64 = 0
        package var onlyPrimary: UInt64 = 0
        package var onlyShadow: UInt64 = 0
        package var bothWrong: UInt64 = 0
        /// Outcomes of copied predictions whose pair was not known.
        package var withoutPair: UInt64 = 0
    }

    /// How far one output of both was apart.
    package struct OutputDifference: Equatable, Sendable {
        /// By the cells of ``DifferenceScale``.
        package var absolute: [UInt64]
        package var relative: [UInt64]
        package var largestAbsolute: Double
        package var largestRelative: Double
    }

    /// Copies that are neither compared nor dropped yet.
    package var underWay: UInt64 {
        let settled = compared &+ dropped.reduce(0, &+)
        return sampled > settled ? sampled - settled : 0
    }

    /// Reads the bodies of one key's two kinds of block; nil when they are not a shadow's.
    init?(_ key: BlockKey, copies: [UInt64]?, pairs: [UInt64]?) {
        func census(_ body: [UInt64]?) -> ShadowCensus? { body.flatMap { $0.count >= 8 ? ShadowCensus($0[0..<8]) : nil } }
        let (copyCensus, pairCensus) = (census(copies), census(pairs))
        guard let census = pairCensus ?? copyCensus, copies == nil || copyCensus != nil, pairs == nil || pairCensus != nil else { return nil }
        (route, shadow, revision, shape) = (key.route, key.variant, key.revision, key.shape)
        (primary, model) = (census.primary, census.model)
        if let copies {
            guard copies.count >= CopyLayout.words - CellLayout.head else { return nil }
            take(copies: copies)
        }
        if let pairs, let pairCensus {
            guard pairs.count >= PairLayout.words(outputs: pairCensus.outputs, classes: pairCensus.classes) - CellLayout.head else { return nil }
            take(pairs: pairs, pairCensus)
        }
    }

    private mutating func take(copies: [UInt64]) {
        sampled = copies[CopyLayout.sampled - CellLayout.head]
        for reason in ShadowDrop.allCases { dropped[Int(reason.rawValue)] &+= copies[CopyLayout.drops - CellLayout.head + Int(reason.rawValue)] }
    }

    private mutating func take(pairs body: [UInt64], _ census: ShadowCensus) {
        func word(_ place: Int) -> UInt64 { body[place - CellLayout.head] }
        func words(_ start: Int, _ count: Int) -> ArraySlice<UInt64> { body[(start - CellLayout.head)..<(start - CellLayout.head + count)] }
        func histogram(_ start: Int) -> LatencyHistogram {
            let counts = words(start + 1, LatencyHistogram.bucketCount)
            return counts.contains { $0 != 0 } ? LatencyHistogram(counts: Array(counts), sum: word(start)) : LatencyHistogram()
        }
        for reason in ShadowDrop.allCases { dropped[Int(reason.rawValue)] &+= word(PairLayout.drops + Int(reason.rawValue)) }
        compared = word(PairLayout.compared)
        agreed = word(PairLayout.agreed)
        bitEqual = word(PairLayout.bitEqual)
        nonFinite = word(PairLayout.nonFinite)
        diverged = word(PairLayout.diverged)
        ran = word(PairLayout.ran)
        truths = Truths(
            bothRight: word(PairLayout.truths), onlyPrimary: word(PairLayout.truths + 1), onlyShadow: word(PairLayout.truths + 2),
            bothWrong: word(PairLayout.truths + 3), withoutPair: word(PairLayout.unknownPairs))
        time = PairedSum(words(PairLayout.time, PairedSum.words))
        logLoss = PairedSum(words(PairLayout.logLoss, PairedSum.words))
        brier = PairedSum(words(PairLayout.brier, PairedSum.words))
        primaryTime = histogram(PairLayout.primaryTime)
        shadowTime = histogram(PairLayout.shadowTime)
        outputs = (0..<census.outputs).map { output in
            OutputDifference(
                absolute: Array(words(PairLayout.absolute(output), DifferenceScale.cellCount)),
                relative: Array(words(PairLayout.relative(output), DifferenceScale.cellCount)),
                largestAbsolute: Self.magnitude(word(PairLayout.largest + 2 * output)),
                largestRelative: Self.magnitude(word(PairLayout.largest + 2 * output + 1)))
        }
        let table = PairLayout.confusion(outputs: census.outputs)
        confusion = (0..<census.classes).map { Array(words(table + $0 * census.classes, census.classes)) }
    }

    /// A double by its bits; 0 where a file holds what is none that a difference can have.
    private static func magnitude(_ bits: UInt64) -> Double {
        let value = Double(bitPattern: bits)
        return value.isFinite && value >= 0 ? value : 0
    }
}

extension BlockSums {
    /// What shadows did, by route, shadow, revision and shape. Words that are no shadow's are left out.
    package func shadows() -> [ShadowRecord] {
        var keys: Set<BlockKey> = []
        for key in bodies.keys where key.kind == .copies || key.kind == .pairs {
            keys.insert(BlockKey(kind: .pairs, route: key.route, variant: key.variant, revision: key.revision, shape: key.shape))
        }
        return keys.compactMap { key in
            let copies = BlockKey(kind: .copies, route: key.route, variant: key.variant, revision: key.revision, shape: key.shape)
            return ShadowRecord(key, copies: bodies[copies], pairs: bodies[key])
        }.sorted { ($0.route, $0.shadow, $0.revision, $0.shape) < ($1.route, $1.shadow, $1.revision, $1.shape) }
    }
}

extension BlockRecord {
    /// A block of copies that says nothing but how many of a shadow's were lost under way.
    ///
    /// - Parameters:
    ///   - reactor, serial: no other block's of the same worker.
    package init(lostCopiesOf record: ShadowRecord, reactor: Int, serial: UInt64) {
        let head = BlockHead(
            kind: .copies, length: CopyLayout.words, serial: serial, state: .finished, revision: record.revision, shape: record.shape,
            route: record.route, variant: record.shadow)
        var body = [UInt64](repeating: 0, count: CopyLayout.words - CellLayout.head)
        body.replaceSubrange(0..<5, with: [1, 0, 0, UInt64(record.primary), UInt64(record.model)])
        body[CopyLayout.drops - CellLayout.head + Int(ShadowDrop.workerCrash.rawValue)] = record.underWay
        self.init(reactor: reactor, head: head, body: body)
    }
}
