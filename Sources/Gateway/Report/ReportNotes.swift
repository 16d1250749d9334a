import Ledgers
import Metrics

/// What a reader of a report should know about its numbers, in sentences.
struct ReportNotes {
    private(set) var sentences: [String] = []

    /// Seconds that the sums may be behind before it is said: the keeper adds up every second.
    private static let lagSeconds: Int64 = 5

    init(_ source: ReportSource, _ outcomes: DeclaredOutcomes, _ shadows: [ShadowFigures], now: Timestamp) {
        sentences += source.complaints.map { "Counters were left out: \($0)." }
        if source.outsideMemory > 0 {
            let files = source.outsideMemory == 1 ? "1 file" : "\(source.outsideMemory) files"
            sentences.append("The counters lie in the state folder (\(files)), for shared memory has no safe place for them: counting may wait for the disk.")
        }
        addFaults(source.records, now: now)
        addDrift(source)
        addOutcomes(source, outcomes, now: now)
        addShadows(shadows)
    }

    private mutating func addFaults(_ records: RouteRecords, now: Timestamp) {
        if records.faults.contains(where: { $0.kind == .crash }) {
            sentences.append("A fault that crashes is going on: it does so on a server that was started with --allow-crash-faults, on others it does nothing.")
        }
        guard let last = records.lastFault else { return }
        let end = last.isActive(at: now) ? "is going on until \(last.ends)" : "was over at \(last.ended ?? last.ends)"
        sentences.append("Counts include answers that faults for practice have spoiled: the last was begun at \(last.created) on \(last.variant) and \(end).")
    }

    private mutating func addDrift(_ source: ReportSource) {
        let newest = source.records.revisions[0].number
        let blind = source.variants.filter { $0.revision == newest && $0.features.isEmpty }.map(\.variant)
        guard !blind.isEmpty else { return }
        let names = Set(blind).sorted().joined(separator: ", ")
        sentences.append("Features are not compared with the training data (\(names)): the route has no sample rows.")
    }

    private mutating func addOutcomes(_ source: ReportSource, _ outcomes: DeclaredOutcomes, now: Timestamp) {
        guard outcomes.declaration != nil else {
            sentences.append("The route declares no outcomes.")
            return
        }
        if let asOf = source.records.outcomes.asOf {
            let lag = (now.milliseconds - asOf.milliseconds) / 1_000
            if lag > Self.lagSeconds { sentences.append("Outcomes are added up to \(asOf), \(Self.age(lag)) ago: by a running server, every second.") }
        } else {
            sentences.append("No outcomes have been added up yet: a running server does so every second.")
        }
        if outcomes.earlier > 0 {
            let verb = outcomes.earlier == 1 ? "1 outcome is" : "\(outcomes.earlier) outcomes are"
            sentences.append("\(verb) stored under an earlier declaration, before the route's outcomes changed, and not in these means.")
        }
        if outcomes.uncounted > 0 {
            sentences.append("Outcomes are uncounted where their exposure found no room to be counted in: older slices of time were not folded yet.")
        }
    }

    private mutating func addShadows(_ shadows: [ShadowFigures]) {
        for shadow in shadows where shadow.all.underWay > 0 {
            let copies = shadow.all.underWay == 1 ? "1 copy" : "\(shadow.all.underWay) copies"
            let verb = shadow.all.underWay == 1 ? "is" : "are"
            sentences.append("\(copies) for the shadow \(shadow.name) \(verb) under way: neither compared nor dropped yet.")
        }
    }

    private static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
