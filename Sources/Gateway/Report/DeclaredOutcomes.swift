import Ledgers

/// The outcomes of a route's newest declaration, by variant.
struct DeclaredOutcomes {
    /// nil where the route never declared any.
    let declaration: OutcomeDeclaration?
    /// Outcomes that are stored under earlier declarations, in rows.
    let earlier: Int64
    private let asOf: Timestamp?
    private let lines: [OutcomeLine]
    private let exposures: [ExposureRecord]

    init(_ source: ReportSource) {
        let report = source.records.outcomes
        let newest = report.declarations.last
        declaration = newest
        asOf = report.asOf
        lines = report.lines.filter { $0.declaration == newest?.number }
        earlier = report.lines.filter { line in line.declaration != newest?.number && !Self.isScore(line.outcome) }.reduce(0) { $0 + $1.rows }
        exposures = source.exposures.filter { $0.declaration == newest?.number }
    }

    /// Those that have exposures or outcomes.
    var variants: [String] { exposures.map(\.variant) + lines.map(\.variant) }

    /// Outcomes that do not count for want of an exposure that does.
    var uncounted: Int64 { lines.filter { !Self.isScore($0.outcome) }.reduce(0) { $0 + $1.uncounted } }

    /// A variant's figures, in the order of the declaration.
    func figures(of variant: String) -> [OutcomeFigures] {
        (declaration?.outcomes ?? []).map { rule in
            OutcomeFigures(
                rule, sum(rule.name, variant), matured: matured(variant, windowMilliseconds: rule.windowMilliseconds),
                logLoss: score(StoredScore.logLoss, rule, variant), brier: score(StoredScore.brier, rule, variant))
        }
    }

    /// Names of the sums beside a label outcome's own; the ledger's.
    private enum StoredScore {
        static let logLoss = ".log_loss", brier = ".brier"
    }

    /// An outcome's name has no dot.
    private static func isScore(_ name: String) -> Bool { name.contains(".") }

    /// The sum over the variant's revisions.
    private func sum(_ outcome: String, _ variant: String) -> OutcomeTotal {
        lines.filter { $0.outcome == outcome && $0.variant == variant }.reduce(into: OutcomeTotal()) { $0.add($1) }
    }

    private func score(_ suffix: String, _ rule: OutcomeRule, _ variant: String) -> OutcomeFigures.Score? {
        guard rule.kind == .label, case let sums = sum(rule.name + suffix, variant).matured, sums.count > 0 else { return nil }
        return OutcomeFigures.Score(n: UInt64(sums.count), mean: sums.mean(of: sums.total, over: sums.count))
    }

    /// Predictions of the variant whose window is over.
    private func matured(_ variant: String, windowMilliseconds: Int64) -> UInt64 {
        guard let declaration, let asOf else { return 0 }
        let first = declaration.firstMaturing(windowMilliseconds: windowMilliseconds, asOf: asOf)
        return exposures.filter { $0.variant == variant }.flatMap(\.slices).filter { $0.slice < first }.reduce(0) { sum, slice in
            slice.counts.reduce(sum, &+)
        }
    }
}

/// One outcome of a variant, over its revisions.
private struct OutcomeTotal {
    var matured = BucketSums.Bucket()
    var maturing: Int64 = 0
    var late: Int64 = 0
    var uncounted: Int64 = 0
    var overridden: Int64 = 0

    mutating func add(_ line: OutcomeLine) {
        matured.add(line.matured.overall)
        maturing += line.maturing
        late += line.late
        uncounted += line.uncounted
        overridden += line.overridden
    }
}

extension OutcomeLine {
    /// Outcomes that are stored.
    fileprivate var rows: Int64 { matured.overall.count + maturing + late + uncounted + overridden }
}

extension BucketSums.Bucket {
    /// A sum in millionths over a number of things, in units.
    fileprivate func mean(of sum: Int128, over number: Int64) -> Double { Double(sum) / Double(number) / 1e6 }
}

extension OutcomeFigures {
    fileprivate init(_ rule: OutcomeRule, _ total: OutcomeTotal, matured: UInt64, logLoss: Score?, brier: Score?) {
        let sums = total.matured
        let number = rule.absence == .zero ? Int64(clamping: matured) : sums.count
        name = rule.name
        kind = rule.kind.rawValue
        better = rule.isHigherBetter ? "higher" : "lower"
        windowSeconds = Double(rule.windowMilliseconds) / 1_000
        cap = rule.cap.map { Double($0) / 1e6 }
        absence = rule.absence.rawValue
        n = UInt64(clamping: number)
        maturedExposures = matured
        outcomes = UInt64(clamping: sums.count)
        mean = number > 0 ? sums.mean(of: sums.total, over: number) : nil
        rawMean = number > 0 && rule.cap != nil ? sums.mean(of: sums.rawTotal, over: number) : nil
        self.logLoss = logLoss
        self.brier = brier
        maturing = UInt64(clamping: total.maturing)
        late = UInt64(clamping: total.late)
        uncounted = UInt64(clamping: total.uncounted)
        overridden = UInt64(clamping: total.overridden)
    }
}
