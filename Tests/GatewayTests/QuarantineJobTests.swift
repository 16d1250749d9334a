import Foundation
import Primitives
import Processes
import RouteFiles
import Testing

@testable import Gateway

/// What goes to the process and what is remembered of it.
@Suite("quarantine's job, rows and passes")
struct QuarantineJobTests {
    private static let texts = [false, true]

    /// Two rows: a number and a text each.
    private static let rows = SampleRows(slots: [1, place(0, 3), 2, place(3, 4)], text: Array("oakpine".utf8), width: 2)

    private static func place(_ offset: UInt64, _ count: UInt64) -> Double { Double(bitPattern: offset << 32 | count) }

    /// What a row's text column says.
    private func text(_ rows: SampleRows, row: Int) -> String {
        let bits = rows.slots[row * rows.width + 1].bitPattern
        let (start, count) = (Int(bits >> 32), Int(bits & 0xFFFF_FFFF))
        return String(decoding: rows.text[start..<start + count], as: UTF8.self)
    }

    private func head(_ rows: SampleRows, model: Int, suspects: Int = 1) -> QuarantineJob.Head {
        QuarantineJob.Head(
            parent: 7, library: "/lib/runtime.so", file: "a.onnx", columns: ["a", "kind"], texts: Self.texts, labels: ["oak", "pine"],
            maxRows: 64,
            suspectRows: suspects, memory: 1 << 30, cpuSeconds: 5, valueBytes: rows.slots.count * 8, textBytes: rows.text.count,
            modelBytes: model)
    }

    @Test("a job comes out as it went in")
    func round() throws {
        let model: [UInt8] = [9, 8, 7]
        let memory = try model.withUnsafeBytes { try QuarantineJob.write(head(Self.rows, model: 3), Self.rows, model: $0) }
        let job = try QuarantineJob(UnsafeRawBufferPointer(memory.bytes))
        #expect(job.head == head(Self.rows, model: 3))
        #expect(job.rows.slots.map(\.bitPattern) == Self.rows.slots.map(\.bitPattern))
        #expect(job.rows.text == Self.rows.text)
        #expect(Array(job.model) == model)
    }

    @Test("a damaged job is refused or read, never followed out of its memory", arguments: 0..<300)
    func damaged(seed: UInt64) throws {
        let memory = try [UInt8](repeating: 1, count: 50).withUnsafeBytes {
            try QuarantineJob.write(head(Self.rows, model: 50), Self.rows, model: $0)
        }
        var random = SplitMix(seed: seed)
        var bytes = Array(memory.bytes)
        for _ in 0..<1 + random.next() % 4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
        bytes.withUnsafeBytes { bytes in
            guard let job = try? QuarantineJob(bytes) else { return }
            #expect(job.rows.slots.count * 8 + job.rows.text.count + job.model.count <= bytes.count)
        }
    }

    @Test("a job with more suspects than rows is none")
    func suspects() throws {
        for (count, isRead) in [(0, true), (2, true), (3, false), (-1, false), (Int.max, false)] {
            let memory = try QuarantineJob.write(
                head(Self.rows, model: 0, suspects: count), Self.rows, model: UnsafeRawBufferPointer(start: nil, count: 0))
            #expect(((try? QuarantineJob(UnsafeRawBufferPointer(memory.bytes))) != nil) == isRead)
        }
    }

    @Test("the first rows keep their texts and no more")
    func prefix() {
        let first = Self.rows.prefix(1, texts: Self.texts)
        #expect(first.count == 1 && first.text == Array("oak".utf8))
        #expect(text(first, row: 0) == "oak")
        #expect(Self.rows.prefix(9, texts: Self.texts).text == Self.rows.text)
    }

    @Test("rows of two sources keep their texts when they are put together")
    func appending() {
        let both = Self.rows.dropFirst(1).appending(Self.rows, texts: Self.texts)
        #expect(both.count == 3)
        #expect((0..<3).map { text(both, row: $0) } == ["pine", "oak", "pine"])
        #expect(both.slots[0] == 2 && both.slots[2] == 1)
    }

    @Test("of rows that a crash left behind, those that cannot be are left out")
    func kept() {
        let good = KeptRows(width: 2, slots: Self.rows.slots, text: Self.rows.text)
        let outside = KeptRows(width: 2, slots: [1, Self.place(5, 3)], text: Self.rows.text)
        let far = KeptRows(width: 2, slots: [1, Self.place(0xFFFF_FFFF, 0xFFFF_FFFF)], text: Self.rows.text)
        let other = KeptRows(width: 3, slots: [1, 2, 3], text: [])
        let rows = SampleRows(suspects: [other, good, outside, far, good], texts: Self.texts)
        #expect((0..<rows.count).map { text(rows, row: $0) } == ["oak", "pine", "oak", "pine"])
    }

    private func key(_ sha256: String, samples: String = "s", labels: [String]? = nil) -> PassRecord.Key {
        PassRecord.Key(
            sha256: sha256, columns: ["a"], texts: [false], labels: labels, maxRows: 64, samples: samples, runtime: "1.32.0", program: "1")
    }

    private func pass(_ rowCost: Nanoseconds) -> QuarantinePass {
        QuarantinePass(rowCost: rowCost, isClassification: true, labels: ["oak", "pine"], scoreCount: 2)
    }

    @Test("a pass is known by all that it depends on, until it is forgotten")
    func passes() throws {
        let folder = try TestFolder()
        let record = PassRecord(folder: folder.path + "/quarantine")
        #expect(record.pass(key("a")) == nil)
        record.remember(key("a"), model: "a.onnx", pass(3_100))
        #expect(PassRecord(folder: folder.path + "/quarantine").pass(key("a")) == pass(3_100))
        #expect(record.pass(key("b")) == nil)
        #expect(record.pass(key("a", samples: "t")) == nil)
        #expect(record.pass(key("a", labels: ["x"])) == nil)
        record.forget(key("a"))
        #expect(record.pass(key("a")) == nil)
        record.forget(key("a"))
    }

    @Test(
        "a pass that does not say what the model answers, or cannot be, is none",
        arguments: [
            (#""rowCost":3100"#, #""rowCost":3100"#, true), (#""scoreCount":2"#, #""scoreCount":3"#, false),
            (#","scoreCount":2"#, "", false), (#""labels":["oak","pine"],"#, "", false),
        ])
    func damagedPass(part: String, other: String, isKnown: Bool) throws {
        let folder = try TestFolder().path + "/quarantine"
        let record = PassRecord(folder: folder)
        record.remember(key("a"), model: "", pass(3_100))
        let path = folder + "/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(part))
        try Data(text.replacing(part, with: other).utf8).write(to: URL(filePath: path))
        #expect((record.pass(key("a")) != nil) == isKnown)
    }

    @Test("what is too long for a report is said in short: words are cut, classes never")
    func shortened() {
        let words = QuarantineReport(verdict: .memory, reason: String(repeating: "x", count: 2_000)).shortened
        #expect(words == QuarantineReport(verdict: .memory, reason: String(repeating: "x", count: 1_000) + " …"))
        let classes = QuarantineReport(verdict: .passed, pass: pass(1)).shortened
        #expect(classes == QuarantineReport(verdict: .refused, reason: "the names of its classes take more than 2097152 bytes"))
    }

    @Test("passes that were not used for long make room")
    func pruned() throws {
        let folder = try TestFolder().path + "/quarantine"
        let record = PassRecord(folder: folder)
        record.remember(key("old"), model: "", pass(1))
        let old = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: folder + "/" + old)
        for number in 0..<PassRecord.filesAtMost - 1 { _ = FileManager.default.createFile(atPath: "\(folder)/\(number)", contents: nil) }
        record.remember(key("new"), model: "", pass(1))
        #expect(record.pass(key("old")) == nil)
        #expect(record.pass(key("new")) == pass(1))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == PassRecord.filesAtMost)
    }

    @Test(
        "want of memory is told from other failures",
        arguments: [
            ("Exception during initialization: std::bad_alloc", true),
            ("Failed to allocate memory for requested buffer of size 4294967296", true),
            ("OrtException: bad allocation", true), ("Got invalid dimensions for input", false), ("", false),
        ])
    func memory(words: String, isMemory: Bool) {
        #expect(QuarantineProcess.isWantOfMemory(words) == isMemory)
    }

    @Test("a folder is read beside other work, and again when that was asked for meanwhile")
    func background() throws {
        let folder = try TestFolder()
        try folder.write(.pair())
        let reader = try BackgroundReader(RouteReader(quarantine: nil), folder.routes)
        #expect(reader.take() == nil)
        reader.start()
        reader.start()
        for _ in 0..<2 {
            var watched = pollfd(fd: reader.number, events: Int16(POLLIN), revents: 0)
            #expect(poll(&watched, 1, 30_000) == 1)
            #expect(try #require(reader.take()).routes.map(\.file.name) == ["trees"])
        }
        reader.stop()
        #expect(reader.take() == nil)
    }
}
