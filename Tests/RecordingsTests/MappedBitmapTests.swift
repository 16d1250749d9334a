import Foundation
import Synchronization
import Testing

@testable import Recordings

@Suite("a mapped bitmap")
struct MappedBitmapTests {
    let folders: TestFolders
    let path: String

    init() throws {
        folders = try TestFolders()
        path = folders.recorder + "/first-000000000000beef.bits"
    }

    @Test("keeps its bits over restarts, and each key has its own")
    func restart() throws {
        do {
            let (bitmap, remark) = try folders.open().bitmap(key: 0xBEEF, words: 16_384)
            defer { withExtendedLifetime(bitmap) {} }
            #expect(remark == nil && bitmap.path == path && bitmap.wordCount == 16_384)
            #expect((0..<16_384).allSatisfy { bitmap.words[$0].load(ordering: .relaxed) == 0 })
            for index in stride(from: 0, to: 16_384, by: 3) { bitmap.words[index].bitwiseOr(1 << UInt64(index % 64), ordering: .relaxed) }
            try bitmap.sync()
        }
        let (again, remark) = try folders.open().bitmap(key: 0xBEEF, words: 16_384)
        defer { withExtendedLifetime(again) {} }
        #expect(remark == nil)
        for index in 0..<16_384 {
            let expected: UInt64 = index % 3 == 0 ? 1 << UInt64(index % 64) : 0
            #expect(again.words[index].load(ordering: .relaxed) == expected)
        }
        let (other, _) = try folders.open().bitmap(key: 1, words: 16_384)
        #expect(other.words[0].load(ordering: .relaxed) == 0)
        withExtendedLifetime(other) {}
    }

    @Test("of another size begins anew, the old one in the archive", arguments: [8, 1 << 20, 131_071])
    func otherSize(bytes: Int) throws {
        _ = try folders.open()
        #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: bytes)))
        let (bitmap, remark) = try folders.open().bitmap(key: 0xBEEF, words: 16_384)
        defer { withExtendedLifetime(bitmap) {} }
        #expect(bitmap.words[0].load(ordering: .relaxed) == 0)
        #expect(remark.map { "\($0)" }?.contains("\(bytes) bytes, and 131072 are needed") == true)
        #expect(folders.names(in: folders.archive) == ["first-000000000000beef.bits"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 131_072)
    }

    @Test("that was never finished begins empty without a word")
    func unfinished() throws {
        _ = try folders.open()
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(try folders.open().bitmap(key: 0xBEEF, words: 8).1 == nil)
    }

    @Test("has no holes, even when it was brought back with some")
    func holes() throws {
        _ = try folders.open()
        #expect(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, 131_072) == 0)
        _ = try folders.open().bitmap(key: 0xBEEF, words: 16_384)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && Int(facts.st_blocks) * 512 >= 131_072)
    }

    @Test("is not opened through a link, nor beyond its bound")
    func refused() throws {
        let folder = try folders.open()
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folders.root + "/elsewhere")
        #expect(throws: RecordingError.failed(path: path, reason: "a symbolic link")) { try folder.bitmap(key: 0xBEEF, words: 8) }
        #expect(!FileManager.default.fileExists(atPath: folders.root + "/elsewhere"))
        #expect(throws: RecordingError.self) { try folder.bitmap(key: 1, words: Limits.bitmapWords + 1) }
    }

    @Test("is removed when no plan names it and nobody set a bit for long, even while it is mapped")
    func remove() throws {
        let folder = try folders.open()
        let (bitmap, _) = try folder.bitmap(key: 0xBEEF, words: 8)
        defer { withExtendedLifetime(bitmap) {} }
        let now = time(nil)
        try folder.removeBitmaps(except: [], unchangedFor: 100, now: now)
        try folder.removeBitmaps(except: [0xBEEF], unchangedFor: 100, now: now + 200)
        #expect(FileManager.default.fileExists(atPath: path))
        try folder.removeBitmaps(except: [7], unchangedFor: 100, now: now + 200)
        bitmap.words[7].store(1, ordering: .relaxed)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
