import Foundation
import GRDB
import Synchronization
import Testing

@testable import Ledgers

/// Every fault of the file is one that goes away: the same connection stores outcomes again afterwards.
@Suite struct OutcomeFaultTests {
    @Test("a lock that another connection holds reads as locked after the given time, and the next call is as if nothing had been")
    func locked() throws {
        let rig = try OutcomeRig()
        let impatient = try Ledger(rig.test.state, busyTimeout: 0.05, now: .noon)
        let holder = try DatabaseQueue(path: rig.test.state.ledgerPath)
        let error = try holder.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            defer { try? db.execute(sql: "ROLLBACK") }
            let begin = ContinuousClock.now
            let error = try ledgerError { _ = try impatient.record([rig.entry(OutcomeRig.id(1))], now: .noon) }
            #expect(ContinuousClock.now - begin < .seconds(3))
            return error
        }
        #expect(error == .locked(path: rig.test.state.ledgerPath))
        #expect(try impatient.record([rig.entry(OutcomeRig.id(1))], now: .noon) == [.recorded])
    }

    @Test("a ledger that may not be written says so, and takes outcomes again when it may")
    func readOnly() throws {
        let rig = try OutcomeRig()
        try rig.ledger.read { db in _ = try Int.fetchOne(db, sql: "SELECT 1") }
        try rig.ledger.setQueryOnly(true)
        guard case .readOnly = try ledgerError({ _ = try rig.record(rig.entry(OutcomeRig.id(1))) }) else {
            Issue.record("no refusal")
            return
        }
        try rig.ledger.setQueryOnly(false)
        #expect(try rig.record(rig.entry(OutcomeRig.id(1))) == [.recorded])
    }

    @Test("a full file says so in the middle of a group, stores nothing of it, and takes all of it when there is room")
    func fullFile() throws {
        let rig = try OutcomeRig()
        let group = (0..<2_000).map { rig.entry(OutcomeRig.id(UInt64($0))) }
        let pages = try rig.ledger.limitPages(to: 1)
        #expect(try ledgerError { _ = try rig.ledger.record(group, now: .noon) } == .diskFull(path: rig.test.state.ledgerPath))
        _ = try rig.ledger.limitPages(to: 1 << 30)
        #expect(pages > 0)
        #expect(try rig.ledger.record(group, now: .noon) == [OutcomeResult](repeating: .recorded, count: 2_000))
        #expect(try rig.ledger.foldOutcomes(asOf: .noon).rows == 2_000)
    }

    @Test(
        "a full file system loses nothing that was acknowledged and refuses the rest, until it has room",
        .enabled(if: SmallDisk.isAvailable))
    func fullDisk() throws {
        let disk = try #require(SmallDisk(bytes: 2 << 20))
        let ledger = try Ledger(StateFolder(path: disk.path + "/state"), now: .noon)
        let rig = try OutcomeRig()
        _ = try ledger.declare(route: OutcomeRig.route, outcomes: OutcomeRig.rules, sliceMilliseconds: 1_000, now: .noon)
        var acknowledged = 0
        var refused = 0
        for group in 0..<200 {
            let entries = (0..<100).map { rig.entry(OutcomeRig.id(UInt64(group * 100 + $0))) }
            do {
                acknowledged += try ledger.record(entries, now: .noon).count
            } catch {
                #expect(error == .diskFull(path: ledger.folder.ledgerPath))
                refused += 1
            }
        }
        #expect(refused > 0)
        #expect(acknowledged > 0)
        // Reading goes on, and the same connection writes again once there is room.
        #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM outcomes") } == acknowledged)
        #expect(disk.grow(to: 64 << 20))
        let all = (0..<20_000).map { rig.entry(OutcomeRig.id(UInt64($0))) }
        let results = try ledger.record(all, now: .noon)
        #expect(results.count { $0 == .duplicate } == acknowledged)
        #expect(results.count { $0 == .recorded } == 20_000 - acknowledged)
        #expect(try ledger.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        while try !ledger.foldOutcomes(asOf: .noon).isComplete {}
        #expect(try ledger.recomputedSums() == ledger.outcomeSums())
    }

    @Test("damage is called damage, call after call")
    func damaged() throws {
        let rig = try OutcomeRig()
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        try rig.test.tamper("PRAGMA ignore_check_constraints = ON; UPDATE outcomes SET state = 9")
        for _ in 0..<2 {
            guard case .corrupt = try ledgerError({ _ = try rig.ledger.foldOutcomes(asOf: .noon) }) else {
                Issue.record("not called damage")
                return
            }
        }
        #expect(try rig.record(rig.entry(OutcomeRig.id(2))) == [.recorded])
    }

    @Test("two connections store the same outcomes at once: each is acknowledged as recorded by one of them")
    func twoWriters() throws {
        let rig = try OutcomeRig()
        let ledgers = try [rig.test.open(), rig.test.open()]
        let recorded = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 2) { writer in
            for group in 0..<20 {
                let entries = (0..<25).map { rig.entry(OutcomeRig.id(UInt64(group * 25 + $0))) }
                let results = (try? ledgers[writer].record(entries, now: .noon)) ?? []
                recorded.withLock { $0 += results.count { $0 == .recorded } }
            }
        }
        #expect(recorded.withLock(\.self) == 500)
        try rig.foldAll()
        #expect(try rig.sums("correct").counted.overall.count == 500)
    }
}

extension Ledger {
    /// Whether the connection refuses to write, as it does on a file system that is mounted read-only.
    fileprivate func setQueryOnly(_ isOn: Bool) throws {
        try outsideTransaction { try $0.execute(sql: "PRAGMA query_only = \(isOn ? 1 : 0)") }
    }

    /// The most pages that the file may have; gives what it may have then.
    fileprivate func limitPages(to count: Int) throws -> Int {
        try outsideTransaction { try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(count)") ?? 0 }
    }
}

/// A small file system in memory, for those who may mount one; gone with the value.
final class SmallDisk {
    let path: String

    init?(bytes: Int) {
        guard let folder = try? TestFolder().path, mount("tmpfs", folder, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
        path = folder
    }

    /// Gives it more room.
    func grow(to bytes: Int) -> Bool {
        mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)") == 0
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
    }

    /// Whether this process may mount one.
    static let isAvailable = SmallDisk(bytes: 1 << 16) != nil
}
