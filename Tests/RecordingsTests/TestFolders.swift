import Foundation
import Synchronization
import Testing

@testable import Recordings

/// A state folder and a stand-in for `/dev/shm`, removed with the value. Both lie on real shared memory or in the temporary folder.
final class TestFolders {
    static let layout: UInt64 = 2
    static let boot = BootID(low: 17, high: 4)
    let root: String
    var state: String { root + "/state" }
    var sharedMemory: String { root + "/shm" }
    var recorder: String { state + "/recorder" }
    var archive: String { recorder + "/archive" }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "weir-recordings-\(UUID().uuidString)").path
        for folder in [state, sharedMemory] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// The folders as a server opens them, under a start of the machine.
    func open(
        layout: UInt64 = TestFolders.layout, ledger: UInt64 = 9, boot: BootID? = TestFolders.boot, inMemory: Bool = true
    ) throws(RecordingError) -> RecorderFolder {
        try RecorderFolder(
            statePath: state, layoutVersion: layout, ledger: ledger, sharedMemory: inMemory ? sharedMemory : root + "/none", boot: boot)
    }

    /// The folder that a server made in the stand-in for shared memory.
    func memory() throws -> String {
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: sharedMemory).first)
        return "\(sharedMemory)/\(name)"
    }

    func names(in path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

let someone = RecorderName(nonce: 0xAB, reactor: 3)

extension RecorderFolder {
    /// A file with a small wish.
    func makeFile(_ name: RecorderName = someone, limit: Int = 8 << 20) throws(RecordingError) -> RecorderFile {
        try makeFile(name, workerStart: 1_700_000_000_000, wish: 1 << 20, limit: limit)
    }
}

extension RecorderFile {
    /// Words of a new block, not committed.
    func words(_ count: Int) throws(RecordingError) -> UnsafeMutablePointer<Atomic<UInt64>> {
        try allocate(bytes: 8 * count).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}

extension RecorderImage {
    /// The words behind the head.
    var blockWords: [UInt64] {
        withBytes { bytes in
            (RecorderHead.byteCount / 8..<bytes.byteCount / 8).map { bytes.unsafeLoad(fromByteOffset: 8 * $0, as: UInt64.self) }
        }
    }
}

/// Counts in a word as a reactor does.
func count(_ word: UnsafeMutablePointer<Atomic<UInt64>>, by amount: UInt64 = 1) {
    word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
}
