import Foundation
import Testing

@testable import Ledgers

@Suite struct StateLockTests {
    @Test("a second server is refused and told the first one's process id")
    func refusesSecond() throws {
        let test = try TestFolder()
        let lock = try StateLock(test.state)
        #expect(throws: LedgerError.served(folder: test.state.path, pid: getpid())) { _ = try StateLock(test.state) }
        withExtendedLifetime(lock) {}
    }

    @Test("the lock is free again when its holder lets it go")
    func releases() throws {
        let test = try TestFolder()
        do { _ = try StateLock(test.state) }
        let again = try ledgerError { _ = try StateLock(test.state) }
        #expect(again == nil)
    }

    @Test("a lock that is held is asked for again as long as the caller wants to, and taken when it comes free")
    func retries() throws {
        let test = try TestFolder()
        try test.state.prepare()
        let holder = open(test.state.lockPath, O_CREAT | O_RDWR, 0o600)
        #expect(flock(holder, LOCK_EX) == 0)
        var attempts: [Int] = []
        #expect(throws: LedgerError.self) {
            _ = try StateLock(test.state) { attempt in
                attempts.append(attempt)
                return attempt < 3
            }
        }
        #expect(attempts == [1, 2, 3])
        let lock = try StateLock(test.state) { attempt in
            if attempt == 2 { close(holder) }
            return attempt < 5
        }
        #expect(FileManager.default.contents(atPath: test.state.lockPath) == Data("\(getpid())\n".utf8))
        withExtendedLifetime(lock) {}
    }

    @Test("a lock that was given away is held until the last one lets go")
    func inherited() throws {
        let test = try TestFolder()
        let heir: StateLock
        do {
            let lock = try StateLock(test.state)
            heir = StateLock(adopting: dup(lock.number))
        }
        #expect(throws: LedgerError.self) { _ = try StateLock(test.state) }
        withExtendedLifetime(heir) {}
    }

    @Test("the file holds the process id, is the owner's alone, and a longer old id leaves no digits")
    func file() throws {
        let test = try TestFolder()
        try test.state.prepare()
        #expect(FileManager.default.createFile(atPath: test.state.lockPath, contents: Data("1234567890123\n".utf8)))
        #expect(chmod(test.state.lockPath, 0o600) == 0)
        let lock = try StateLock(test.state)
        #expect(FileManager.default.contents(atPath: test.state.lockPath) == Data("\(getpid())\n".utf8))
        #expect(try test.mode(of: "/lock") == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test("commands use the ledger while a server holds the lock")
    func ledgerIsIndependent() throws {
        let test = try TestFolder()
        let lock = try StateLock(test.state)
        #expect(try test.open().verifyAudit().entries == 2)
        withExtendedLifetime(lock) {}
    }
}
