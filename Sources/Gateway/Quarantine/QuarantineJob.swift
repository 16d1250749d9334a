import Foundation
import Inference
import Processes

/// A candidate on its way to the process that tries it. Everything is in one piece of shared memory, so that the process opens no file.
///
/// Version 2: the length of the head as a little-endian 64-bit word; the head, JSON; the rows' values, little-endian doubles; their text; the
/// model file. Each part begins at a multiple of 64 bytes.
struct QuarantineJob {
    /// Of the job and of the report; 1 said of a pass only what a row costs.
    static let version = 2
    private static let alignment = 64

    /// What fits into words.
    struct Head: Codable, Equatable {
        var version = QuarantineJob.version
        /// Who started the process: it does not outlive its parent.
        let parent: Int32
        /// ONNX Runtime's file.
        let library: String
        /// The model's name in messages.
        let file: String
        let columns: [String]
        /// For each column whether it is text.
        let texts: [Bool]
        let labels: [String]?
        let maxRows: Int
        /// Rows that are run one by one before all others: those that were inside a model when it crashed.
        let suspectRows: Int
        /// Bytes of address space above what the process has when the runtime is loaded.
        let memory: UInt64
        let cpuSeconds: UInt64
        /// Bytes of the parts.
        let valueBytes: Int
        let textBytes: Int
        let modelBytes: Int
    }

    let head: Head
    let rows: SampleRows
    /// Within the shared memory, which has to live as long.
    let model: UnsafeRawBufferPointer

    /// Why memory holds no job.
    struct Damage: Error {}

    /// Reads what `write` wrote.
    /// - Throws: `Damage`, or an error of the JSON decoder.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count >= 8 else { throw Damage() }
        let length = Int(clamping: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)))
        guard length <= bytes.count - 8 else { throw Damage() }
        head = try JSONDecoder().decode(Head.self, from: Data(bytes[8..<8 + length]))
        guard head.version == Self.version, head.columns.count == head.texts.count, !head.columns.isEmpty else { throw Damage() }
        var end = 8 + length
        func part(_ count: Int) throws -> UnsafeRawBufferPointer {
            let start = Self.aligned(end)
            guard count >= 0, start <= bytes.count, count <= bytes.count - start else { throw Damage() }
            end = start + count
            return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        }
        let values = try part(head.valueBytes).bindMemory(to: Double.self)
        let text = try part(head.textBytes)
        model = try part(head.modelBytes)
        let width = head.columns.count
        guard values.count % width == 0, 0...values.count / width ~= head.suspectRows, 1...Limits.rows ~= head.maxRows else {
            throw Damage()
        }
        rows = SampleRows(slots: Array(values), text: Array(text), width: width)
    }

    /// Writes a job into memory of its own.
    static func write(_ head: Head, _ rows: SampleRows, model: UnsafeRawBufferPointer) throws -> SharedMemory {
        let text = try JSONEncoder().encode(head)
        let valueStart = aligned(8 + text.count)
        let textStart = aligned(valueStart + head.valueBytes)
        let modelStart = aligned(textStart + head.textBytes)
        let memory = try SharedMemory.make("weir-candidate", byteCount: modelStart + model.count)
        memory.bytes.storeBytes(of: UInt64(text.count).littleEndian, as: UInt64.self)
        func put(_ bytes: UnsafeRawBufferPointer, at start: Int) {
            UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start...]).copyMemory(from: bytes)
        }
        text.withUnsafeBytes { put($0, at: 8) }
        rows.slots.withUnsafeBytes { put($0, at: valueStart) }
        rows.text.withUnsafeBytes { put($0, at: textStart) }
        put(model, at: modelStart)
        return memory
    }

    private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

/// What the process says about the candidate: one line of JSON on its standard output. A process that was ended says nothing.
struct QuarantineReport: Codable, Equatable {
    var version = QuarantineJob.version
    let verdict: Outcome
    /// Of a candidate that passed.
    var pass: QuarantinePass?
    /// Of one that was refused.
    var reason: String?

    enum Outcome: String, Codable {
        case passed, refused
        /// Refused for want of memory.
        case memory
        /// The process could not do its work.
        case untried
    }

    /// Bytes of a line; a longer one is no report. As many classes as a model may have, with names as long as a route file's, fit; what is not
    /// written takes no memory.
    static let bytesAtMost = 2 << 20
    /// Bytes of standard error that are looked at. The runtime's longest words are some KiB.
    static let errorBytes = 64 * 1_024

    /// What is said instead of a report that is too long. Classes cannot be cut: they would be others.
    var shortened: QuarantineReport {
        guard pass == nil else {
            return QuarantineReport(verdict: .refused, reason: "the names of its classes take more than \(Self.bytesAtMost) bytes")
        }
        return QuarantineReport(verdict: verdict, reason: "\((reason ?? "").prefix(1_000)) …")
    }
}
