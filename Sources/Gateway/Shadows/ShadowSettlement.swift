import Ledgers
import Metrics
import Primitives

/// What a dead worker had in hand for its shadows: copies that were sampled, and neither compared nor dropped. Nobody will ever compare them, so
/// they are counted as dropped, once.
struct ShadowSettlement {
    let folds: [CellFold]

    /// - Parameters:
    ///   - worker: the dead worker's start.
    ///   - blocks: all that its files hold. What was folded before is settled: cells are finished when no copy holds them any more.
    init(worker: UInt64, blocks: [BlockRecord]) {
        var sums = BlockSums()
        for block in blocks where block.head.kind == .copies || block.head.kind == .pairs { sums.add(block) }
        folds = sums.shadows().filter { $0.underWay > 0 }.map { Self.fold($0, worker: worker) }
    }

    /// A block that says nothing else.
    private static func fold(_ record: ShadowRecord, worker: UInt64) -> CellFold {
        CellFold(BlockRecord(lostCopiesOf: record, reactor: Int(UInt8.max), serial: serial(of: record)), worker: worker)
    }

    /// The same at each try, and no block's of a file: those count up from 1.
    private static func serial(of record: ShadowRecord) -> UInt64 {
        let facts = "\(record.route)\u{1F}\(record.shadow)\u{1F}\(record.revision)\u{1F}\(record.shape)"
        return XXH64.hash(Array(facts.utf8).span.bytes) | 1 << 63
    }
}
