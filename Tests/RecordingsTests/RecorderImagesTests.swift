import Foundation
import Primitives
import Synchronization
import Testing

@testable import Recordings

@Suite("the counters of all starts, for who only looks")
struct RecorderImagesTests {
    let folders: TestFolders

    init() throws {
        folders = try TestFolders()
    }

    private func look(boot: BootID? = TestFolders.boot, layout: UInt64 = TestFolders.layout) throws -> RecorderImages {
        try RecorderImages.read(statePath: folders.state, layoutVersion: layout, ledger: 9, sharedMemory: folders.sharedMemory, boot: boot)
    }

    private func values(_ images: RecorderImages) -> [UInt64] { images.images.map { $0.blockWords[999] } }

    /// A file whose last word is `saved` in its checkpoint and `value` now. It lives as long as the result.
    private func make(_ value: UInt64, saved: UInt64? = nil, _ name: RecorderName = someone, inMemory: Bool = true) throws -> RecorderFile {
        let file = try folders.open(inMemory: inMemory).makeFile(name)
        let words = try file.words(1_000)
        file.commit()
        if let saved {
            words[999].store(saved, ordering: .relaxed)
            try file.checkpoint()
        }
        words[999].store(value, ordering: .relaxed)
        return file
    }

    @Test("are the living's and the dead's, wherever they lie")
    func everybody() throws {
        let living = try make(1, saved: 100, RecorderName(nonce: 1, reactor: 0))
        _ = try make(2, saved: 100, RecorderName(nonce: 1, reactor: 1), inMemory: false)
        let found = try look()
        #expect(values(found) == [1, 2] && found.complaints.isEmpty && found.outsideMemory == 1)
        #expect(found.images.map(\.head.name.reactor) == [0, 1])
        withExtendedLifetime(living) {}
    }

    @Test("are the newest checkpoint's after a new start of the machine, also where it stopped before one was made")
    func otherBoot() throws {
        _ = try make(2, saved: 1)
        #expect(try values(look(boot: BootID(low: 0, high: 0))) == [1])
        _ = try make(2, RecorderName(nonce: 5, reactor: 0))
        #expect(try values(look(boot: BootID(low: 0, high: 0))) == [1])
    }

    @Test("leave every file where it is, even one that cannot be read")
    func untouched() throws {
        _ = try make(2, saved: 1)
        let path = "\(folders.recorder)/\(RecorderName(nonce: 9, reactor: 0).fileName)"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: 8_192)))
        func names() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: folders.root).sorted() }
        let before = try names()
        let found = try look()
        #expect(values(found) == [2] && found.complaints == ["\(path): no recorder file"])
        #expect(try look(layout: 3).complaints.contains { $0.hasSuffix("layout 2, and this program reads layout 3") })
        #expect(try names() == before)
    }

    @Test("are none where no server has run, and nothing is made there")
    func nobody() throws {
        #expect(try look().images.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folders.recorder))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folders.sharedMemory).isEmpty)
    }

    @Test("hold the wanted blocks and the heads of all, and end where no block is")
    func skimmed() throws {
        let file = try folders.open().makeFile()
        // Blocks of 16 words, as long as their first word says, wanted when the second is odd.
        for (index, length) in [128, 128, 256, 128].enumerated() {
            let words = try file.words(length / 8)
            words[0].store(UInt64(length), ordering: .relaxed)
            words[1].store(UInt64(index), ordering: .relaxed)
            words[length / 8 - 1].store(99, ordering: .relaxed)
        }
        file.commit()
        func words(_ stop: UInt64) throws -> [UInt64] {
            let skim = BlockSkim(headBytes: 16) { bytes, _ in
                let (length, index) = (bytes.word(at: 0), bytes.word(at: 8))
                return index == stop ? nil : (bytes: Int(length), isWanted: index % 2 == 1)
            }
            let found = try RecorderImages.read(
                statePath: folders.state, layoutVersion: TestFolders.layout, ledger: 9, skim: skim, sharedMemory: folders.sharedMemory,
                boot: TestFolders.boot)
            return try #require(found.images.first).blockWords
        }
        let all = try words(.max)
        #expect([0, 16, 32, 64].map { all[$0] } == [128, 128, 256, 128])
        #expect([15, 31, 63, 79].map { all[$0] } == [0, 99, 0, 99])
        let cut = try words(2)
        #expect(cut[31] == 99 && cut[33] == 2 && cut[64] == 0 && cut.count == all.count)
        withExtendedLifetime(file) {}
    }

    @Test("do not come from a folder that others may write")
    func unsafe() throws {
        _ = try make(2, inMemory: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folders.recorder)
        #expect(throws: RecordingError.self) { try look() }
    }
}
