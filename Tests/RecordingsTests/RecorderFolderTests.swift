import Foundation
import Synchronization
import Testing

@testable import Recordings

@Suite("the recorder's folders")
struct RecorderFolderTests {
    @Test("lie in shared memory under user and state folder, and may be entered by their owner only")
    func places() throws {
        let folders = try TestFolders()
        let other = try TestFolders()
        let folder = try folders.open()
        #expect(folder.remarks == [])
        _ = try RecorderFolder(statePath: other.state, layoutVersion: 2, ledger: 9, sharedMemory: folders.sharedMemory)
        let names = folders.names(in: folders.sharedMemory)
        #expect(names.count == 2, "each state folder has its own")
        #expect(names.allSatisfy { $0.wholeMatch(of: try! Regex("weir-\(geteuid())-[0-9a-f]{16}")) != nil })
        for path in [folders.recorder, "\(folders.sharedMemory)/\(names[0])"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
        let file = try folder.makeFile()
        #expect(file.place == .memory)
        #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)
    }

    @Test("are the same through a symbolic link to the state folder")
    func realPath() throws {
        let folders = try TestFolders()
        let link = folders.root + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folders.state)
        _ = try folders.open()
        _ = try RecorderFolder(statePath: link, layoutVersion: 2, ledger: 9, sharedMemory: folders.sharedMemory)
        #expect(folders.names(in: folders.sharedMemory).count == 1)
    }

    @Test("are not used in shared memory where others could change them", arguments: ["link", "group", "world", "file", "owner"])
    func hostileMemory(trap: String) throws {
        let folders = try TestFolders()
        _ = try folders.open()
        let path = try folders.memory()
        switch trap {
        case "group": #expect(chmod(path, 0o720) == 0)
        case "world": #expect(chmod(path, 0o702) == 0)
        case "owner": guard chown(path, geteuid() + 1, 0) == 0 else { return }
        default:
            try FileManager.default.removeItem(atPath: path)
            if trap == "file" { #expect(FileManager.default.createFile(atPath: path, contents: nil)) }
            if trap == "link" { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folders.root) }
        }
        let folder = try folders.open()
        guard case .notInMemory(let reason) = folder.remarks.first else {
            Issue.record("accepted")
            return
        }
        let file = try folder.makeFile()
        #expect(file.place == .state(reason: reason))
        #expect(file.path == "\(folders.recorder)/\(someone.fileName)")
        #expect(reason.contains(path))
    }

    @Test("are refused in a state folder where others could change them", arguments: ["link", "world"])
    func hostileState(trap: String) throws {
        let folders = try TestFolders()
        if trap == "link" {
            try FileManager.default.createSymbolicLink(atPath: folders.recorder, withDestinationPath: folders.root)
        } else {
            try FileManager.default.createDirectory(atPath: folders.recorder, withIntermediateDirectories: false)
            #expect(chmod(folders.recorder, 0o777) == 0)
        }
        do {
            _ = try folders.open()
            Issue.record("accepted")
        } catch {
            guard case .unsafeFolder(path: folders.recorder, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("take no file twice, and keep nothing of one that could not be made")
    func twice() throws {
        let folders = try TestFolders()
        let folder = try folders.open()
        let file = try folder.makeFile()
        #expect(throws: RecordingError.self) { try folder.makeFile() }
        #expect(FileManager.default.fileExists(atPath: file.path), "the first one is untouched")
    }

    @Test("say which file a name is", arguments: ["00000000000000ab-3.cells", "00000000000000ab-3.cells.a", "00000000000000ab-3.cells.b"])
    func names(name: String) {
        #expect(RecorderName(name) == someone)
    }

    @Test(
        "leave other names alone",
        arguments: [
            "", "archive", "ab-3.cells", "00000000000000AB-3.cells", "00000000000000ab-03.cells", "00000000000000ab-256.cells",
            "00000000000000ab-+3.cells", "00000000000000ab-3.cells.c", "00000000000000ab-3-3.cells", "first-00000000000000ab.bits",
        ])
    func otherNames(name: String) {
        #expect(RecorderName(name) == nil)
    }
}
