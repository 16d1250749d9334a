import Foundation
import Testing

@testable import Inference

/// The C library that this process runs on.
private let systemLibrary = "/lib/\(machine)-linux-gnu/libc.so.6"
#if arch(arm64)
    private let machine = "aarch64"
#else
    private let machine = "x86_64"
#endif

@Suite struct EngineTests {
    @Test("the library tells its version")
    func version() throws {
        #expect(try Rig.engine.get().version.hasPrefix("1."))
    }

    @Test("a library that is not there is missing, and the message says what to do")
    func missing() throws {
        let error = Rig.error { _ = try Engine(library: "/nowhere/libonnxruntime.so") }
        #expect(error == .libraryMissing(path: "/nowhere/libonnxruntime.so"))
        #expect("\(try #require(error))".contains("Sources/build"))
    }

    @Test(
        "a file that is no library, and a library that is no ONNX Runtime, are unusable with a reason",
        arguments: [
            (#filePath, "invalid ELF header"), (systemLibrary, "OrtGetApiBase"),
        ])
    func unusable(path: String, reason: String) throws {
        let error = Rig.error { _ = try Engine(library: path) }
        guard case .libraryUnusable(_, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.contains(reason), "\(found)")
    }

    @Test("the library is looked for beside the executable first, then in .onnxruntime of the folders above")
    func find() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let executable = root.appending(path: "a/b/weir").path
        func place(_ path: String) throws -> String {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
            return file.path
        }
        let none = Engine.find(near: executable)
        #expect(none == nil || none?.hasPrefix(root.path) == false)
        let above = try place(".onnxruntime/libonnxruntime.so.1.32.0")
        #expect(Engine.find(near: executable) == above)
        let nearer = try place("a/.onnxruntime/libonnxruntime.so")
        #expect(Engine.find(near: executable) == nearer)
        let beside = try place("a/b/libonnxruntime.so.1")
        #expect(Engine.find(near: executable) == beside)
    }
}

@Suite struct JournalTests {
    @Test("a journal keeps the newest lines only")
    func bounded() {
        let journal = Journal(capacity: 3)
        for number in 1...5 { journal.append("\(number)") }
        #expect(journal.lines == ["3", "4", "5"])
    }
}
