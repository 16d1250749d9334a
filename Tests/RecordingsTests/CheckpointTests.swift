import Dispatch
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Recordings

/// What a power loss does to shared memory.
func loseSharedMemory(_ folders: TestFolders) throws {
    for name in folders.names(in: folders.sharedMemory) { try FileManager.default.removeItem(atPath: "\(folders.sharedMemory)/\(name)") }
}

/// The one image that the dead left, as the next start of the machine finds it.
func onlyImage(_ folders: TestFolders) throws -> RecorderImage {
    let dead = try folders.open(boot: BootID(low: 1, high: 1)).deadFiles(except: 0)
    #expect(dead.images.count == 1)
    return try #require(dead.images.first)
}

@Suite("a checkpoint")
struct CheckpointTests {
    let folders: TestFolders
    let file: RecorderFile
    /// 40 pages.
    let words: UnsafeMutablePointer<Atomic<UInt64>>

    init() throws {
        folders = try TestFolders()
        file = try folders.open().makeFile()
        words = try file.words(40 * 512)
        file.commit()
    }

    @Test("is what is left when shared memory is lost")
    func lostMemory() throws {
        for index in 0..<40 * 512 { words[index].store(UInt64(index), ordering: .relaxed) }
        try file.checkpoint()
        for index in 0..<40 * 512 { words[index].store(UInt64(3 * index), ordering: .relaxed) }
        try file.checkpoint()
        count(words)
        try loseSharedMemory(folders)
        let image = try onlyImage(folders)
        #expect(image.head.checkpoint == 2)
        let expected: [UInt64] = (0..<40 * 512).map { index in UInt64(3 * index) }
        #expect(image.blockWords == expected)
    }

    @Test("writes the pages that changed, to each copy in its turn, and then nothing")
    func changes() throws {
        #expect(try file.checkpoint() == CheckpointFigures(pages: 41, written: 1), "pages of zeros need no writing")
        words[512 * 7].store(1, ordering: .relaxed)
        words[512 * 8].store(1, ordering: .relaxed)
        words[512 * 30].store(1, ordering: .relaxed)
        #expect(try file.checkpoint().written == 4)
        #expect(try file.checkpoint().written == 4, "the other copy lags behind")
        #expect(try file.checkpoint().written == 0)
        #expect(try file.checkpoint().written == 0)
        words[512 * 39 + 511].store(1, ordering: .relaxed)
        #expect(try file.checkpoint().written == 2)
        try loseSharedMemory(folders)
        let image = try onlyImage(folders)
        #expect(image.head.checkpoint == 4)
        let found = image.blockWords
        #expect(found.indices.filter { found[$0] != 0 } == [512 * 7, 512 * 8, 512 * 30, 512 * 39 + 511])
    }

    @Test("equals the file, page for page, after any changes", arguments: [1, 2, 3] as [UInt64])
    func anyChanges(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var expected = [UInt64](repeating: 0, count: 40 * 512)
        for _ in 0..<12 {
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let index = Int.random(in: 0..<expected.count, using: &random)
                expected[index] += 1
                count(words + index)
            }
            try file.checkpoint()
        }
        try loseSharedMemory(folders)
        #expect(try onlyImage(folders).blockWords == expected)
    }

    @Test("follows the file as it grows")
    func growth() throws {
        try file.checkpoint()
        let more = try file.words(300_000)
        more[299_999].store(8, ordering: .relaxed)
        try file.checkpoint()
        try loseSharedMemory(folders)
        #expect(try onlyImage(folders).blockWords.count == 40 * 512, "a block that nobody committed is not there")
    }

    @Test("holds a block from its commit on")
    func committed() throws {
        try file.checkpoint()
        let more = try file.words(300_000)
        more[299_999].store(8, ordering: .relaxed)
        file.commit()
        try file.checkpoint()
        try loseSharedMemory(folders)
        let image = try onlyImage(folders)
        #expect(image.blockWords.count == 40 * 512 + 300_000)
        #expect(image.blockWords.last == 8)
    }

    @Test("that a power loss cuts short leaves the one before, whatever had reached the disk", arguments: 0..<4)
    func torn(case number: Int) throws {
        for index in 0..<40 * 512 { words[index].store(1, ordering: .relaxed) }
        try file.checkpoint()
        try file.checkpoint()
        for index in 0..<40 * 512 { words[index].store(2, ordering: .relaxed) }
        // The third would go to copy a, whose head still says 1 until all else is on disk.
        let copy = URL(fileURLWithPath: "\(folders.recorder)/\(someone.fileName).a")
        var bytes = try Data(contentsOf: copy)
        switch number {
        case 0: bytes.replaceSubrange(4096..<8192, with: Data(repeating: 2, count: 4096))
        case 1: bytes.replaceSubrange(40 * 4096..<41 * 4096, with: Data(repeating: 0xFF, count: 4096))
        case 2: bytes.append(Data(count: 1 << 20))
        default: bytes.replaceSubrange(4096..<41 * 4096, with: Data(count: 40 * 4096))
        }
        try bytes.write(to: copy)
        try loseSharedMemory(folders)
        let image = try onlyImage(folders)
        #expect(image.head.checkpoint == 2)
        #expect(image.blockWords.allSatisfy { $0 == 1 })
    }

    @Test("that was the first and was cut short is nothing, without a word")
    func tornFirst() throws {
        try loseSharedMemory(folders)
        let copy = "\(folders.recorder)/\(someone.fileName).a"
        #expect(FileManager.default.createFile(atPath: copy, contents: Data(count: 50_000)))
        let dead = try folders.open(boot: BootID(low: 1, high: 1)).deadFiles(except: 0)
        #expect(dead.images.isEmpty && dead.remarks.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: copy))
    }

    @Test("reads words in order while a writer goes on: none is newer than one above it")
    func order() throws {
        let writer = Writer(words, count: 40 * 512)
        DispatchQueue.global().async { writer.run() }
        for _ in 0..<8 {
            try file.checkpoint()
            let newest = try newestCheckpoint()
            let counted = Writer.places(newest.count).map { newest[$0] }
            #expect(counted == counted.sorted(by: >))
        }
        writer.stop()
    }

    /// The words of the newest checkpoint, read beside a living file.
    private func newestCheckpoint() throws -> [UInt64] {
        let copies = someone.checkpointNames.compactMap { name -> [UInt64]? in
            guard let data = FileManager.default.contents(atPath: "\(folders.recorder)/\(name)") else { return nil }
            return data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
        }
        return Array(try #require(copies.max { $0[9] < $1[9] }).dropFirst(512))
    }
}

/// Writes one round after the other until it is stopped, the highest word first: who reads from below never finds a lower word ahead.
private final class Writer: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int
    private let isStopped = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ words: UnsafeMutablePointer<Atomic<UInt64>>, count: Int) {
        self.words = words
        self.count = count
    }

    static func places(_ count: Int) -> StrideThrough<Int> { stride(from: count - 1, through: 0, by: -97) }

    func run() {
        var round: UInt64 = 0
        while !isStopped.load(ordering: .relaxed) {
            round += 1
            for index in Self.places(count) { words[index].store(round, ordering: .releasing) }
        }
        ended.signal()
    }

    /// Returns when the last store is done.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        ended.wait()
    }
}
