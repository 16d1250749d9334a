import Foundation
import Synchronization
import Testing

@testable import Recordings

@Suite("a recorder file")
struct RecorderFileTests {
    @Test("keeps pointers and content while it grows")
    func growth() throws {
        let folders = try TestFolders()
        let file = try folders.open().makeFile()
        defer { withExtendedLifetime(file) {} }
        var blocks: [(first: UnsafeMutablePointer<Atomic<UInt64>>, mark: UInt64)] = []
        for mark in 1...40 {
            let block = try file.words(12_500)
            #expect(UInt(bitPattern: block) % 128 == 0)
            #expect((0..<12_500).allSatisfy { block[$0].load(ordering: .relaxed) == 0 })
            for index in [0, 12_499] { block[index].store(UInt64(mark), ordering: .relaxed) }
            blocks.append((block, UInt64(mark)))
        }
        for block in blocks { #expect([0, 12_499].allSatisfy { block.first[$0].load(ordering: .relaxed) == block.mark }) }
        for (block, next) in zip(blocks, blocks.dropFirst()) { #expect(next.first - block.first == 12_512) }
    }

    @Test("begins with the head that its format describes")
    func head() throws {
        let folders = try TestFolders()
        let file = try folders.open().makeFile()
        defer { withExtendedLifetime(file) {} }
        _ = try file.words(100)
        file.commit()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
        #expect(bytes.count == 1 << 20)
        #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "WEIRCELL")
        let words = bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self).prefix(512)) }
        #expect(words[1..<10] == [2, 1_700_000_000_000, 0xAB, 3, 4096 + 896, UInt64(getpid()), 17, 4, 0])
        #expect(words[10] == 9)
        #expect(words[11...].allSatisfy { $0 == 0 })
    }

    @Test("shows readers nothing before the commit")
    func commit() throws {
        let folders = try TestFolders()
        let file = try folders.open().makeFile()
        defer { withExtendedLifetime(file) {} }
        try file.words(16)[0].store(7, ordering: .relaxed)
        #expect(file.bytesInUse == 4096)
        file.commit()
        #expect(file.bytesInUse == 4096 + 128)
    }

    @Test("has no holes: every byte of it has a block")
    func noHoles() throws {
        let folders = try TestFolders()
        let file = try folders.open().makeFile()
        defer { withExtendedLifetime(file) {} }
        _ = try file.words(300_000)
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        #expect(facts.st_size == 3 << 20)
        #expect(Int(facts.st_blocks) * 512 >= 3 << 20)
    }

    @Test("ends at its limit, and what it has stays")
    func limit() throws {
        let folders = try TestFolders()
        let file = try folders.open().makeFile(limit: 2 << 20)
        defer { withExtendedLifetime(file) {} }
        let first = try file.words(1)
        first[0].store(5, ordering: .relaxed)
        #expect(throws: RecordingError.tooLarge(path: file.path, limit: 2 << 20)) { try file.allocate(bytes: 2 << 20) }
        _ = try file.allocate(bytes: (2 << 20) - 4096 - 128)
        #expect(throws: RecordingError.tooLarge(path: file.path, limit: 2 << 20)) { try file.allocate(bytes: 1) }
        #expect(first[0].load(ordering: .relaxed) == 5)
    }

    @Test("loses nothing when its process is killed")
    func kill() async throws {
        let folders = try TestFolders()
        await #expect(processExitsWith: .signal(SIGKILL)) { [state = folders.state as String, shm = folders.sharedMemory as String] in
            let folder = try RecorderFolder(statePath: state, layoutVersion: 2, ledger: 9, sharedMemory: shm, boot: BootID(low: 17, high: 4))
            let file = try folder.makeFile()
            defer { withExtendedLifetime(file) {} }
            let words = try file.words(2_000)
            file.commit()
            for round in 0..<1_000 { for index in 0...round { count(words + index) } }
            _ = Glibc.kill(getpid(), SIGKILL)
        }
        let dead = try folders.open().deadFiles(except: 0)
        #expect(dead.remarks == [])
        let image = try #require(dead.images.first)
        #expect(image.head.name == someone && image.head.checkpoint == 0)
        let expected: [UInt64] = (0...1_000).map { index in UInt64(1_000 - index) }
        #expect(Array(image.blockWords.prefix(1_001)) == expected)
    }

    @Test("is refused in plain words when there are no descriptors")
    func descriptors() async throws {
        let folders = try TestFolders()
        await #expect(processExitsWith: .success) { [state = folders.state as String, shm = folders.sharedMemory as String] in
            let folder = try RecorderFolder(statePath: state, layoutVersion: 2, ledger: 9, sharedMemory: shm)
            var limit = rlimit(rlim_cur: 3, rlim_max: 3)
            guard setrlimit(__rlimit_resource_t(UInt32(7)), &limit) == 0 else { exit(2) }
            do {
                _ = try folder.makeFile()
                exit(3)
            } catch RecordingError.noDescriptor(_, let reason) {
                exit(reason.isEmpty ? 4 : 0)
            }
        }
    }
}
