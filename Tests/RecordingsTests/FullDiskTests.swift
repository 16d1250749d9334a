import Foundation
import Synchronization
import Testing

@testable import Recordings

/// A tmpfs of 4 MiB over a folder, for those who may mount. Unmounted with the value.
final class SmallDisk {
    let path: String

    init(at path: String) throws {
        self.path = path
        try #require(Self.run("/bin/mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "weir-test", path))
    }

    deinit {
        _ = Self.run("/bin/umount", "-l", path)
    }

    /// Whether this process may mount at all: root of a container often may not.
    static let isPossible: Bool = {
        guard geteuid() == 0, let folders = try? TestFolders() else { return false }
        return (try? SmallDisk(at: folders.state)) != nil
    }()

    private static func run(_ program: String, _ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

@Suite("on a full disk", .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
struct FullDiskTests {
    @Test("a file stops growing with a reason, goes on counting, and grows again when there is room")
    func growth() throws {
        let folders = try TestFolders()
        let disk = try SmallDisk(at: folders.state)
        let file = try folders.open(inMemory: false).makeFile(limit: 64 << 20)
        defer { withExtendedLifetime(file) {} }
        let ballast = disk.path + "/ballast"
        #expect(FileManager.default.createFile(atPath: ballast, contents: Data(count: 2 << 20)))
        let words = try file.words(100_000)
        #expect(throws: RecordingError.noRoom(path: file.path)) { while true { _ = try file.words(100_000) } }
        for index in 0..<100_000 { count(words + index, by: UInt64(index)) }
        #expect((0..<100_000).allSatisfy { words[$0].load(ordering: .relaxed) == UInt64($0) })
        try FileManager.default.removeItem(atPath: ballast)
        let more = try file.words(100_000)
        more[99_999].store(9, ordering: .relaxed)
        #expect(more[99_999].load(ordering: .relaxed) == 9)
    }

    @Test("shared memory without room is left alone, and the file says why")
    func room() throws {
        let folders = try TestFolders()
        let disk = try SmallDisk(at: folders.sharedMemory)
        let file = try folders.open().makeFile()
        guard case .state(let reason) = file.place else {
            Issue.record("made in \(file.place)")
            return
        }
        #expect(reason.contains("bytes left, and \(64 << 20) are needed"))
        #expect(file.path.hasPrefix(folders.state))
        _ = disk
    }

    @Test("a checkpoint fails with a reason, the one before stays whole, and the next one succeeds")
    func checkpoint() throws {
        let folders = try TestFolders()
        let disk = try SmallDisk(at: folders.state)
        let folder = try folders.open()
        let file = try folder.makeFile()
        defer { withExtendedLifetime(file) {} }
        let words = try file.words(200_000)
        file.commit()
        for index in 0..<1_000 { words[index].store(1, ordering: .relaxed) }
        try file.checkpoint()
        let ballast = disk.path + "/ballast"
        #expect(FileManager.default.createFile(atPath: ballast, contents: Data(count: 3 << 20)))
        for index in 0..<200_000 { words[index].store(2, ordering: .relaxed) }
        #expect(throws: RecordingError.self) { try file.checkpoint() }
        let before = try Data(contentsOf: URL(fileURLWithPath: "\(folders.recorder)/\(someone.fileName).a"))
        let counted = before.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
        #expect(counted[9] == 1 && counted[512..<1_512].allSatisfy { $0 == 1 })
        try FileManager.default.removeItem(atPath: ballast)
        try file.checkpoint()
        try loseSharedMemory(folders)
        let image = try onlyImage(folders)
        #expect(image.head.checkpoint == 2)
        #expect(image.blockWords.prefix(200_000).allSatisfy { $0 == 2 })
    }

    @Test("a bitmap that does not fit is refused")
    func bitmap() throws {
        let folders = try TestFolders()
        let disk = try SmallDisk(at: folders.state)
        #expect(throws: RecordingError.noRoom(path: folders.recorder + "/first-0000000000000001.bits")) {
            try folders.open().bitmap(key: 1, words: 1 << 20)
        }
        _ = disk
    }
}
