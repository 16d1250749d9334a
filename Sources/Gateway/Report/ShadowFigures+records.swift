import Metrics
import Primitives

extension ShadowFigures {
    /// The figures of every shadow and model that there are records of: by name, of one name the model of the newest revision first.
    ///
    /// - Parameters:
    ///   - primaries: names that the route's variants have or had.
    ///   - labels: the names of a primary's classes in its order; nil where nobody says.
    static func all(_ records: [ShadowRecord], primaries: Set<String>, labels: (String) -> [String]?) -> [ShadowFigures] {
        let names = Dictionary(primaries.sorted().map { (NameHash(of: $0).value, $0) }) { first, _ in first }
        let byModel = Dictionary(grouping: records) { ShadowModel(name: $0.shadow, model: $0.model) }
        return byModel.sorted { first, second in
            func newest(_ records: [ShadowRecord]) -> UInt32 { records.map(\.revision).max() ?? 0 }
            return (first.key.name, newest(second.value), first.key.model) < (second.key.name, newest(first.value), second.key.model)
        }.map { key, records in
            let sums = Dictionary(grouping: records, by: \.primary).compactMap { hash, records in
                let name = names[hash] ?? hexadecimal(hash)
                return PrimarySum(name, records, labels: labels(name))
            }.sorted { $0.name < $1.name }
            return ShadowFigures(
                name: key.name, model: hexadecimal(key.model), all: PairFigures(sums),
                primaries: sums.map { Primary(name: $0.name, figures: PairFigures([$0])) },
                revisions: Revision.all(records))
        }
    }

    private struct ShadowModel: Hashable {
        let name: String
        let model: UInt32
    }

    /// Eight digits.
    private static func hexadecimal(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension ShadowFigures.Revision {
    /// Newest first.
    fileprivate static func all(_ records: [ShadowRecord]) -> [Self] {
        Dictionary(grouping: records, by: \.revision).sorted { $0.key > $1.key }.compactMap { number, records in
            ShadowRecord.sum(records).map { Self(number, $0) }
        }
    }

    private init(_ number: UInt32, _ sum: ShadowRecord) {
        self.init(
            number: number, sampled: sum.sampled, compared: sum.compared, underWay: sum.underWay, dropped: sum.droppedByReason,
            agreed: sum.confusion.isEmpty ? nil : sum.agreed, diverged: sum.diverged, divergence: sum.diverged.part(of: sum.compared))
    }
}

/// What a shadow did beside one primary, with the names of the classes in that one's order.
private struct PrimarySum {
    let name: String
    let sum: ShadowRecord
    /// nil where nobody says.
    let labels: [String]?

    /// nil without records.
    init?(_ name: String, _ records: [ShadowRecord], labels: [String]?) {
        guard let sum = ShadowRecord.sum(records) else { return nil }
        self.name = name
        self.sum = sum
        self.labels = labels
    }

    /// The sum with its classes in another primary's order; nil when that cannot be made of it.
    func arranged(like other: PrimarySum) -> ShadowRecord? {
        guard let labels, let wanted = other.labels, labels != wanted, !sum.confusion.isEmpty else { return sum }
        let order = wanted.compactMap { labels.firstIndex(of: $0) }
        return order.count == wanted.count ? sum.arranged(order) : nil
    }
}

extension PairFigures {
    /// Adds up primaries, of which there is one at least. Where they list their classes in different orders, and too many to be told apart,
    /// outputs and labels are left out.
    fileprivate init(_ primaries: [PrimarySum]) {
        let first = primaries[0]
        let arranged = primaries.map { $0.arranged(like: first) }
        var sum = first.sum
        for (primary, arranged) in zip(primaries, arranged).dropFirst() { sum.add(arranged ?? primary.sum) }
        let hasClasses = !sum.confusion.isEmpty
        if arranged.contains(nil) { (sum.outputs, sum.confusion) = ([], []) }
        let names = ClassLabels(first.labels ?? [])
        sampled = sum.sampled
        compared = sum.compared
        underWay = sum.underWay
        dropped = sum.droppedByReason
        agreed = hasClasses ? sum.agreed : nil
        agreement = hasClasses ? sum.agreed.part(of: sum.compared) : nil
        bitEqual = sum.bitEqual
        nonFinite = sum.nonFinite
        diverged = sum.diverged
        divergence = sum.diverged.part(of: sum.compared)
        modelTime = ModelTime(primary: VariantFigures.Timing([sum.primaryTime]), shadow: VariantFigures.Timing([sum.shadowTime]))
        timeDifference = MeanDifference(
            n: sum.time.count, mean: sum.time.mean.map { $0 / 1e6 }, standardDeviation: sum.time.deviation.map { $0 / 1e6 })
        outputs = sum.outputs.enumerated().map { OutputDifference(hasClasses ? names[$0] : "value", $1) }
        confusion = sum.confusion.isEmpty ? nil : Confusion(labels: names.rows(sum.confusion.count), counts: sum.confusion)
        outcomes = Outcomes(sum)
    }
}

/// Names for classes that are known by their place.
private struct ClassLabels {
    private let labels: [String]

    init(_ labels: [String]) {
        self.labels = labels
    }

    subscript(place: Int) -> String { labels.indices.contains(place) ? labels[place] : "class \(place)" }

    /// Those of a table with so many rows; the last may stand for many.
    func rows(_ count: Int) -> [String] {
        (0..<count).map { $0 + 1 == Limits.comparedClasses && labels.count > Limits.comparedClasses ? "others" : self[$0] }
    }
}

extension PairFigures.Outcomes {
    fileprivate init(_ sum: ShadowRecord) {
        self.init(
            bothRight: sum.truths.bothRight, onlyPrimary: sum.truths.onlyPrimary, onlyShadow: sum.truths.onlyShadow,
            bothWrong: sum.truths.bothWrong, withoutPair: sum.truths.withoutPair, accuracy: PairFigures.Accuracy(sum.truths),
            logLoss: PairFigures.Score(sum.logLoss), brier: PairFigures.Score(sum.brier))
    }
}

extension PairFigures.Accuracy {
    /// nil of nothing.
    fileprivate init?(_ truths: ShadowRecord.Truths) {
        let count = truths.bothRight &+ truths.onlyPrimary &+ truths.onlyShadow &+ truths.bothWrong
        guard let primary = (truths.bothRight &+ truths.onlyPrimary).part(of: count),
            let shadow = (truths.bothRight &+ truths.onlyShadow).part(of: count)
        else { return nil }
        self.init(primary: primary, shadow: shadow)
    }
}

extension PairFigures.Score {
    /// From millionths; nil of nothing.
    fileprivate init?(_ sum: PairedSum) {
        guard let difference = sum.mean else { return nil }
        func mean(_ total: Int64) -> Double { Double(total) / Double(sum.count) / 1e6 }
        self.init(
            n: sum.count, primary: mean(sum.primary), shadow: mean(sum.shadow), difference: difference / 1e6,
            standardDeviation: sum.deviation.map { $0 / 1e6 })
    }
}

extension PairedSum {
    /// Standard deviation of the differences.
    fileprivate var deviation: Double? { variance.map { $0.squareRoot() } }
}

extension ShadowRecord {
    /// Above 0 only.
    fileprivate var droppedByReason: [String: UInt64] {
        Dictionary(uniqueKeysWithValues: zip(ShadowDrop.allCases, dropped).filter { $1 > 0 }.map { ($0.label, $1) })
    }

    /// nil of none.
    fileprivate static func sum(_ records: [ShadowRecord]) -> ShadowRecord? {
        records.dropFirst().reduce(into: records.first) { $0?.add($1) }
    }
}
