import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Recordings
import Synchronization

/// The counters of one start of the server: a mapped file for each writer, the cells in them, and the maps of first events.
///
/// Files outlive the process. What a dead server left is added to the ledger at the next start, once.
final class Recorder: Sendable {
    /// 64 random bits of this start: they name its files, and stand in every prediction id.
    let nonce: UInt64
    let cells: CellRegistry
    private let folder: RecorderFolder
    private let files: [RecorderFile]
    private let logger: Logger
    /// Maps of first events by key: of the plan that is being made, and of the one before. Control alone changes them.
    private let maps = Mutex((now: [UInt64: MappedBitmap](), before: [UInt64: MappedBitmap]()))

    /// Bytes that a writer's file is expected to grow to: some ten variants.
    private static let wish = 4 * 1_024 * 1_024

    /// Makes the files of this start. The caller holds the lock of the state folder.
    ///
    /// - Parameters:
    ///   - writers: reactors, and the control plane's loop as the last. One more is the thread that compares shadows.
    ///   - sharedMemory: where shared memory is mounted.
    init(_ ledger: Ledger, nonce: UInt64, writers: Int, logger: Logger, sharedMemory: String = "/dev/shm") throws {
        self.nonce = nonce
        self.logger = logger
        let folder = try RecorderFolder(
            statePath: ledger.folder.path, layoutVersion: CellLayout.version, ledger: try ledger.identity(), sharedMemory: sharedMemory)
        var files: [RecorderFile] = []
        let start = MonotonicTime.wallMilliseconds()
        for writer in 0...writers {
            let name = RecorderName(nonce: nonce, reactor: UInt8(writer))
            files.append(try folder.makeFile(name, workerStart: start, wish: Self.wish))
        }
        self.folder = folder
        self.files = files
        for remark in folder.remarks { logger.warning("counters", metadata: ["reason": "\(remark)"]) }
        if folder.remarks.isEmpty, case .state(let reason)? = files.lazy.map(\.place).first(where: { $0 != .memory }) {
            logger.warning("counters", metadata: ["reason": "\(RecordingRemark.notInMemory(reason: reason))"])
        }
        cells = CellRegistry(reactors: writers + 1, serving: writers - 1, blocks: FileBlocks(files, logger: logger), created: start)
    }

    /// Bytes in this start's files.
    var bytes: Int { files.reduce(0) { $0 + $1.bytesInUse } }

    /// Whether all of them are in shared memory.
    var isInMemory: Bool { files.allSatisfy { $0.place == .memory } }

    /// Copies what changed to the state folder, and waits until it is on disk.
    func checkpoint() throws(RecordingError) {
        for file in files { _ = try file.checkpoint() }
        for map in maps.withLock({ $0.now.merging($0.before) { now, _ in now } }).values { try map.sync() }
        cells.checkpointed()
    }

    /// Says that a route's exposures are not counted: what no client notices.
    func warnOfExposures(route: String) {
        logger.warning("outcomes of a route are stored but not added up", metadata: ["route": "\(route)", "reason": "no room for its exposures"])
    }

    /// Says that a shadow gets no copies: there are more names than can be counted.
    func warnOfShadow(route: String, shadow: String) {
        logger.warning("a shadow gets no copies", metadata: ["route": "\(route)", "shadow": "\(shadow)", "reason": "no room for its counters"])
    }

    // MARK: - First events

    /// Forgets the maps that the plan before the last one used.
    func beginPlan() {
        maps.withLock { $0 = (now: [:], before: $0.now) }
    }

    /// The maps of an experiment, kept over restarts; nil when there are too many already, or no room for them: then no event counts as first.
    func firsts(key: UInt64) -> MappedBitmap? {
        guard maps.withLock({ $0.now.count }) < GatewayLimits.firstEventMaps else { return nil }
        if let known = maps.withLock({ $0.now[key] ?? $0.before[key] }) {
            maps.withLock { $0.now[key] = known }
            return known
        }
        do {
            let (map, remark) = try folder.bitmap(key: key, words: FirstEvents.wordCount)
            if let remark { logger.warning("counters", metadata: ["reason": "\(remark)"]) }
            maps.withLock { $0.now[key] = map }
            return map
        } catch {
            logger.error("first events of units are not told apart", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// Removes the maps of experiments that are over: in no plan, and unchanged for long.
    func removeOldMaps() {
        let keys = maps.withLock { Set($0.now.keys).union($0.before.keys) }
        do {
            try folder.removeBitmaps(except: keys, unchangedFor: Self.mapSeconds, now: Int(MonotonicTime.wallMilliseconds() / 1_000))
        } catch {
            logger.warning("counters", metadata: ["reason": "\(error)"])
        }
    }

    /// Seconds that the maps of an experiment outlive it: 30 days, in case its route file comes back.
    private static let mapSeconds = 30 * 86_400

    // MARK: - The dead

    /// Adds what dead servers counted to the ledger, and removes their files.
    ///
    /// Never fails: numbers of the past must not keep anybody from being served now. What the ledger cannot take at this moment waits for the
    /// next start; what it can never take goes to the archive.
    ///
    /// - Parameter isBesideAnother: whether another worker of this server may live: its files are not looked at, and what was folded of them
    ///   stays known.
    func recover(into ledger: Ledger, isBesideAnother: Bool = false) {
        var seen: Set<RecorderName> = []
        var living: Set<UInt64> = [nonce]
        var blocks = 0
        do {
            while true {
                let dead = try folder.deadFiles(except: nonce)
                living.formUnion(dead.living)
                for remark in dead.remarks where !(isBesideAnother && remark.isAboutTheLiving) {
                    logger.warning("counters", metadata: ["reason": "\(remark)"])
                }
                let new = dead.images.filter { seen.insert($0.head.name).inserted }
                try settleShadows(new, isCutOff: dead.waiting > 0, in: ledger)
                for image in new { blocks += try fold(image, into: ledger) }
                // Nothing new: what is left could be neither removed nor archived.
                guard dead.waiting > 0, !new.isEmpty else { break }
            }
            // What was folded of files that were gone at the last start already: they cannot come back.
            try ledger.forgetBlocks(except: Set(seen.map(\.nonce)).union(living))
        } catch {
            logger.error("counters of an earlier start wait for the next one", metadata: ["reason": "\(error)"])
        }
        if blocks > 0 { logger.notice("counters of an earlier start are in the ledger", metadata: ["blocks": "\(blocks)"]) }
    }

    /// Adds everything that this start counted to the ledger, and removes its files: for an orderly end, when nobody counts any more. What
    /// fails is done by the next start.
    func finish(into ledger: Ledger) throws {
        try ledger.foldCells(cells.records().map { CellFold($0, worker: nonce) })
        try ledger.foldExposures(cells.exposureRecords().map { ExposureFold($0, worker: nonce) })
        for file in files { try folder.remove(file.name) }
        folder.removeIfEmpty()
    }

    /// Counts what dead workers had in hand for their shadows, before their files are folded and gone.
    ///
    /// - Parameter isCutOff: whether more files wait, maybe of the last worker: its account is then left open.
    private func settleShadows(_ images: [RecorderImage], isCutOff: Bool, in ledger: Ledger) throws {
        var blocks: [UInt64: [BlockRecord]] = [:]
        for image in images {
            let reader = image.withBytes { BlockReader($0, where: { $0.kind == .copies || $0.kind == .pairs }) }
            blocks[image.head.name.nonce, default: []] += reader.blocks
        }
        if isCutOff, let last = images.last?.head.name.nonce { blocks[last] = nil }
        for (worker, blocks) in blocks { try ledger.foldCells(ShadowSettlement(worker: worker, blocks: blocks).folds) }
    }

    /// Adds one dead reactor's file to the ledger, and removes it. Returns how many of its blocks had counted anything.
    private func fold(_ image: RecorderImage, into ledger: Ledger) throws -> Int {
        let reader = image.withBytes { BlockReader($0) }
        for complaint in reader.complaints {
            logger.warning("counters", metadata: ["reason": "\(image.path): \(complaint)"])
        }
        let name = image.head.name
        do throws(LedgerError) {
            // Exposures first: those of another ledger, which was deleted or replaced since, name declarations that this one does not know.
            try ledger.foldExposures(reader.blocks.filter { $0.head.kind == .exposures }.map { ExposureFold($0, worker: name.nonce) })
            try ledger.foldCells(reader.blocks.filter { $0.head.kind != .exposures }.map { CellFold($0, worker: name.nonce) })
        } catch {
            guard case .invalid(let key, let reason) = error else { throw error }
            for remark in folder.archive(name, reason: "the ledger does not take it: \(key): \(reason)") {
                logger.warning("counters", metadata: ["reason": "\(remark)"])
            }
            return 0
        }
        try folder.remove(name)
        return reader.blocks.count
    }
}

/// Blocks in the mapped files, one file a writer.
private final class FileBlocks: BlockSource {
    private let files: [RecorderFile]
    private let logger: Logger
    /// Whether the last one who asked got nothing, so that the log tells of it once.
    private let isFull = Atomic(false)

    init(_ files: [RecorderFile], logger: Logger) {
        self.files = files
        self.logger = logger
    }

    func block(words: Int, reactor: Int) -> UnsafeMutablePointer<Word>? {
        do {
            let room = try files[reactor].allocate(bytes: words * MemoryLayout<Word>.stride)
            isFull.store(false, ordering: .relaxed)
            // An atomic word of zero bits is an atomic zero: binding the zeroed memory initializes it.
            return room.bindMemory(to: Word.self, capacity: words)
        } catch {
            if !isFull.exchange(true, ordering: .relaxed) {
                logger.error(
                    "counters have no room: what is new is counted without its name, and its outcomes are left out of the sums",
                    metadata: ["reason": "\(error)"])
            }
            return nil
        }
    }

    func complete(reactor: Int) {
        files[reactor].commit()
    }
}

extension CellFold {
    /// A block's counters, for the ledger.
    init(_ block: BlockRecord, worker: UInt64) {
        self.init(
            block: Ledgers.BlockIdentity(worker: worker, reactor: UInt8(block.reactor), serial: block.head.serial),
            key: CellKey(
                kind: UInt8(block.head.kind.rawValue), route: block.head.route, variant: block.head.variant, revision: block.head.revision,
                shape: block.head.shape, layout: UInt8(CellLayout.version)),
            words: block.head.words + block.body, largest: block.head.kind.maxima)
    }
}

extension ExposureFold {
    /// A dead block's exposures, for the ledger.
    init(_ block: BlockRecord, worker: UInt64) {
        self.init(
            head: block.head, block: Ledgers.BlockIdentity(worker: worker, reactor: UInt8(block.reactor), serial: block.head.serial), through: .max,
            slices: block.slices())
    }

    /// All exposures of a block that nobody counts in any more.
    init(_ record: Metrics.ExposureRecord, worker: UInt64) {
        self.init(
            head: record.head, block: Ledgers.BlockIdentity(worker: worker, reactor: UInt8(record.reactor), serial: record.head.serial), through: .max,
            slices: record.slices)
    }

    /// Some slices of a block.
    init(head: BlockHead, block: Ledgers.BlockIdentity, through: Int64, slices: [Metrics.ExposureSlice]) {
        self.init(
            block: block, route: head.route, variant: head.variant, revision: head.revision, declaration: head.declaration, through: through,
            slices: slices.map { Ledgers.ExposureSlice(slice: Int64($0.slice), counts: $0.counts) })
    }
}
