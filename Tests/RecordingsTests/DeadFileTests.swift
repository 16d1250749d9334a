import Foundation
import Synchronization
import Testing

@testable import Recordings

@Suite("what dead workers leave")
struct DeadFileTests {
    let folders: TestFolders

    init() throws {
        folders = try TestFolders()
    }

    /// A worker that counted `value`, checkpointed `saved` before, and died.
    private func leave(_ value: UInt64, saved: UInt64?, name: RecorderName = someone, inMemory: Bool = true, layout: UInt64 = 2) throws {
        let file = try folders.open(layout: layout, inMemory: inMemory).makeFile(name)
        defer { withExtendedLifetime(file) {} }
        let words = try file.words(1_000)
        file.commit()
        if let saved {
            words[999].store(saved, ordering: .relaxed)
            try file.checkpoint()
        }
        words[999].store(value, ordering: .relaxed)
    }

    private func dead(boot: BootID? = TestFolders.boot) throws -> (values: [UInt64?], remarks: [RecordingRemark]) {
        let dead = try folders.open(boot: boot).deadFiles(except: 0)
        return (dead.images.map { $0.blockWords.count == 1_008 ? $0.blockWords[999] : nil }, dead.remarks)
    }

    @Test("is every store, by the file itself, as long as the machine runs", arguments: [true, false])
    func ownFile(inMemory: Bool) throws {
        try leave(2, saved: 1, inMemory: inMemory)
        #expect(try dead().values == [2])
    }

    @Test("is the newest checkpoint after a new start of the machine, wherever the file was", arguments: [true, false])
    func otherBoot(inMemory: Bool) throws {
        try leave(2, saved: 1, inMemory: inMemory)
        #expect(try dead(boot: BootID(low: 0, high: 0)).values == [1])
        #expect(try dead(boot: nil).values == [1], "a start that nobody knows is like no other")
    }

    @Test("is nothing where the machine stopped before the first checkpoint, and says so")
    func neverSaved() throws {
        try leave(2, saved: nil, inMemory: false)
        let found = try dead(boot: BootID(low: 0, high: 0))
        #expect(found.values == [])
        #expect(found.remarks.count == 1 && "\(found.remarks)".contains("before its first checkpoint"))
        #expect(folders.names(in: folders.archive) == [someone.fileName])
    }

    @Test("comes once for each worker start and reactor, without the living one's")
    func everyone() throws {
        let names = [(7, 0), (7, 1), (8, 0), (9, 0)].map { RecorderName(nonce: $0.0, reactor: $0.1) }
        for (index, name) in names.enumerated() { try leave(UInt64(index), saved: 100, name: name, inMemory: index % 2 == 0) }
        let found = try folders.open().deadFiles(except: 9)
        #expect(found.images.map(\.head.name) == Array(names.prefix(3)))
        #expect(found.images.map { $0.blockWords[999] } == [0, 1, 2])
    }

    @Test("is gone after it was removed")
    func remove() throws {
        try leave(2, saved: 1)
        try leave(2, saved: 1, name: RecorderName(nonce: 5, reactor: 0), inMemory: false)
        let folder = try folders.open()
        let images = try folder.deadFiles(except: 0).images
        for image in images { try folder.remove(image.head.name) }
        #expect(images.map { $0.blockWords[999] } == [2, 2], "an image outlives its names")
        #expect(try folder.deadFiles(except: 0).images.isEmpty)
        #expect(folders.names(in: folders.recorder) == [])
        #expect(folders.names(in: try folders.memory()) == [])
    }

    @Test("stays untouched while its owner lives after all")
    func living() throws {
        let file = try folders.open().makeFile()
        defer { withExtendedLifetime(file) {} }
        let found = try dead()
        #expect(found.values == [] && found.remarks == [.living(path: file.path)])
        #expect(FileManager.default.fileExists(atPath: file.path))
        #expect(try folders.open().deadFiles(except: 0).living == [file.name.nonce])
    }

    @Test("goes to the archive when its layout is another", arguments: [true, false])
    func otherLayout(inMemory: Bool) throws {
        try leave(2, saved: 1, inMemory: inMemory, layout: 1)
        let found = try dead()
        #expect(found.values == [])
        #expect(found.remarks.count == 2 && found.remarks.allSatisfy { "\($0)".contains("layout 1, and this program reads layout 2") })
        #expect(folders.names(in: folders.archive) == [someone.fileName, someone.fileName + ".a"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folders.archive)/\(someone.fileName)")).count == 1 << 20)
        #expect(try dead().remarks == [], "said once")
    }

    @Test("goes to the archive when its counters belong to another ledger")
    func otherLedger() throws {
        try leave(2, saved: 1)
        let found = try folders.open(ledger: 10).deadFiles(except: 1)
        #expect(found.images.isEmpty && found.remarks.allSatisfy { "\($0)".contains("counters of another ledger") })
        #expect(folders.names(in: folders.archive) == [someone.fileName, someone.fileName + ".a"])
    }

    /// How to spoil a file, and what the remark says.
    static let spoils: [(Int, String)] = [
        (0, "no recorder file"), (1, "layout 99"), (2, "bytes are left of"), (3, "bytes in use"), (4, "another owner"),
        (5, "shorter than its head"),
        (6, "bytes in use"), (7, "bytes in use"),
    ]

    @Test("goes to the archive when it is damaged, and the checkpoint is counted instead", arguments: spoils)
    func damaged(how: Int, reason: String) throws {
        try leave(2, saved: 1)
        let path = URL(fileURLWithPath: "\(try folders.memory())/\(someone.fileName)")
        var data = try Data(contentsOf: path)
        switch how {
        case 0: data.replaceSubrange(0..<4096, with: Data(repeating: 0x5A, count: 4096))
        case 1: data[8] = 99
        case 2: data = data.prefix(8192)
        case 3: data.replaceSubrange(40..<48, with: Data(repeating: 0xFF, count: 8))
        case 4: data[24] = 1
        case 5: data = data.prefix(100)
        case 6: data[40] = 1
        default: data.replaceSubrange(40..<48, with: Data(count: 8))
        }
        try data.write(to: path)
        let found = try dead()
        #expect(found.values == [1])
        #expect(found.remarks.count == 1 && "\(found.remarks)".contains(reason), "\(found.remarks)")
        #expect(folders.names(in: folders.archive) == [someone.fileName])
        #expect(!FileManager.default.fileExists(atPath: path.path))
    }

    @Test("is removed without a word when its owner died before the head was complete", arguments: [0, 100, 4096, 1 << 20])
    func blank(bytes: Int) throws {
        _ = try folders.open()
        let path = "\(try folders.memory())/\(someone.fileName)"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(count: bytes)))
        let found = try dead()
        #expect(found.values == [])
        #expect(found.remarks == [] || bytes == 100)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("is not read through links, nor from what is no file", arguments: ["link", "fifo", "folder"])
    func traps(trap: String) throws {
        _ = try folders.open()
        let path = "\(folders.recorder)/\(someone.fileName)"
        switch trap {
        case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
        case "fifo": #expect(mkfifo(path, 0o600) == 0)
        default: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        let found = try dead()
        #expect(found.values == [])
        guard case .left(path, _) = found.remarks.first else {
            Issue.record("\(found.remarks)")
            return
        }
    }

    @Test("fills the archive to its bound, and then the oldest go")
    func archiveBound() throws {
        for reactor in 0..<UInt8(Limits.archivedFiles + 4) {
            _ = try folders.open(inMemory: false)
            let path = "\(folders.recorder)/\(RecorderName(nonce: 1, reactor: reactor).fileName)"
            #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: 8192)))
            #expect(try dead().remarks.count == 1)
        }
        #expect(folders.names(in: folders.archive).count == Limits.archivedFiles)
    }

    @Test("keeps both of two archived files of one name")
    func archiveNames() throws {
        for _ in 0..<2 {
            _ = try folders.open()
            let path = "\(folders.recorder)/\(someone.fileName)"
            #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: 8192)))
            _ = try dead()
        }
        #expect(folders.names(in: folders.archive) == [someone.fileName, someone.fileName + ".2"])
    }
}
