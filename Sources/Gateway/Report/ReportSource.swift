package import Ledgers
import Metrics
import Recordings

/// Everything that is known of what a route's variants did: the counters of all starts of the server, and what the ledger holds.
///
/// Reading changes nothing and takes no lock of the state folder, so the server and a command beside it read alike, and a command also where
/// no server runs. Takes milliseconds, so it is not for a reactor. Of ten routes with five variants on two reactors, 5 to 8 ms for one route: 3.5 to
/// 5 for the files (3 of 9 MB), 1 to 2 for decoding, 0.5 to 1 for the ledger.
package struct ReportSource: Sendable {
    /// Revisions, outcomes and their sums.
    let records: RouteRecords
    /// What variants did, by revision and shape.
    let variants: [VariantRecord]
    /// What shadows did, by revision and shape.
    let shadows: [ShadowRecord]
    /// The route's answers that no variant gave, by `StatusCode`'s raw value.
    let answers: [UInt64]
    /// Predictions by assigned variant, revision, declaration and slice. A slice may come several times.
    let exposures: [Ledgers.ExposureRecord]
    /// What could not be read, in words for a person.
    let complaints: [String]
    /// Files of counters that lie in the state folder for want of shared memory.
    let outsideMemory: Int

    /// Reads what there is about a route.
    ///
    /// - Parameter now: when it is read.
    /// - Throws: `LedgerError.unknownRoute` and the faults of the ledger; `RecordingError` where the folder of counters is unsafe or
    ///   cannot be listed. A file of counters that cannot be read is a complaint instead.
    package init(_ ledger: Ledger, route: String, now: Timestamp) throws {
        // The files first: a block that is folded in between is then named by the ledger, and left out here.
        let skim = BlockSkim(headBytes: CellLayout.head * 8) { bytes, room in
            BlockReader.skim(bytes, room: room / 8).map { (bytes: 8 * $0.words, isWanted: $0.head?.route == route) }
        }
        let files = try RecorderImages.read(
            statePath: ledger.folder.path, layoutVersion: CellLayout.version, ledger: try ledger.identity(), skim: skim)
        var complaints = files.complaints
        var blocks: [(worker: UInt64, record: BlockRecord)] = []
        for image in files.images {
            let reader = image.withBytes { BlockReader($0, where: { $0.route == route }) }
            complaints += reader.complaints.map { "\(image.path): \($0)" }
            blocks += reader.blocks.map { (image.head.name.nonce, $0) }
        }
        let records = try ledger.records(route: route, workers: Set(files.images.map(\.head.name.nonce)), now: now)
        var sums = RouteSums(records)
        for (worker, record) in blocks { sums.add(record, of: worker) }
        self.records = records
        variants = sums.blocks.variants()
        shadows = sums.blocks.shadows()
        answers = sums.blocks.answers(route: route)
        exposures = sums.exposures
        self.complaints = complaints + sums.complaints
        outsideMemory = files.outsideMemory
    }
}

/// What the ledger has folded, and what it has not, added up.
private struct RouteSums {
    var blocks = BlockSums()
    var exposures: [Ledgers.ExposureRecord]
    var complaints: [String] = []
    private let folded: [Ledgers.BlockIdentity: Int64]

    init(_ records: RouteRecords) {
        exposures = records.exposures
        var folded: [Ledgers.BlockIdentity: Int64] = [:]
        for (worker, blocks) in records.folded {
            for block in blocks { folded[BlockIdentity(worker: worker, reactor: block.reactor, serial: block.serial)] = block.through }
        }
        self.folded = folded
        for cell in records.cells { add(cell) }
    }

    private mutating func add(_ cell: CellRecord) {
        guard cell.key.layout == CellLayout.version, let kind = BlockKind(rawValue: cell.key.kind), cell.words.count >= CellLayout.head else {
            return complaints.append("counters of revision \(cell.key.revision) have layout \(cell.key.layout) and are left out")
        }
        let key = BlockKey(
            kind: kind, route: cell.key.route, variant: cell.key.variant, revision: cell.key.revision, shape: cell.key.shape)
        blocks.add(Array(cell.words[CellLayout.head...]), to: key)
    }

    /// Adds what a file holds of a block and the ledger does not.
    mutating func add(_ record: BlockRecord, of worker: UInt64) {
        let through = folded[BlockIdentity(worker: worker, reactor: UInt8(record.reactor), serial: record.head.serial)]
        guard record.head.kind == .exposures else {
            if through == nil, !blocks.add(record) {
                let subject = record.head.kind == .copies || record.head.kind == .pairs ? "shadow" : "variant"
                complaints.append("counters of \(subject) \(record.head.variant) do not fit those of the same model and are left out")
            }
            return
        }
        let last = max(record.head.foldedThrough, through.map { UInt64(clamping: $0) } ?? 0)
        let slices = record.slices(after: last).map { Ledgers.ExposureSlice(slice: Int64(clamping: $0.slice), counts: $0.counts) }
        guard !slices.isEmpty else { return }
        exposures.append(
            Ledgers.ExposureRecord(
                variant: record.head.variant, revision: record.head.revision, declaration: record.head.declaration, slices: slices))
    }
}

extension BlockSums {
    /// A route's answers without a variant, by `StatusCode`'s raw value.
    fileprivate func answers(route: String) -> [UInt64] {
        bodies[BlockKey(kind: .route, route: route, variant: "", revision: 0, shape: 0)] ?? []
    }
}
