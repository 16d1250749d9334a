import Contracts
import Inference
import Metrics
import Primitives
import Reactor
import RouteFiles

/// A route's sample rows, decoded: what a model must answer before it comes near traffic. Without a file, rows drawn from the contract's ranges.
struct SampleRows {
    /// A sample file that cannot be used, with the line.
    struct Failure: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    /// Decoded rows, one after the other.
    let slots: [Double]
    let text: [UInt8]
    let width: Int
    var count: Int { slots.count / width }

    /// Rows that are read: the reference of drift.
    static let rowsAtMost = 10_000
    /// Rows that a model runs before it serves; more would only make starting slower.
    static let warmUpRows = 256
    /// Rows drawn when there is no sample file.
    private static let rowsDrawn = 64

    /// Rows that are decoded already.
    init(slots: [Double], text: [UInt8], width: Int) {
        (self.slots, self.text, self.width) = (slots, text, width)
    }

    init(file: RouteFile, contract: Contract) throws {
        // Samples may carry the label beside the features.
        let lenient = try Contract(fields: contract.fields, extra: .ignore, unitField: nil, maxRows: 1)
        let table = try ContractTable(lenient)
        width = contract.fields.count
        let bodies =
            try file.sample.map { try Self.lines(of: file.folder + "/" + $0.path) }
            ?? (0..<Self.rowsDrawn).map { (Int($0), contract.draw(seed: UInt64($0))) }
        var decoder = try BodyDecoder(maxBody: file.maximumBodyBytes)
        let row = UnsafeMutablePointer<Double>.allocate(capacity: width)
        defer { row.deallocate() }
        let capacity = Self.textCapacity(bodies, contract)
        var arena = TextArena(bytes: .allocate(capacity: capacity), capacity: capacity)
        defer { arena.bytes.deallocate() }
        var slots: [Double] = []
        for (line, body) in bodies {
            var padded = body + [UInt8](repeating: 0, count: BodyDecoder.padding)
            let decoded = padded.withUnsafeMutableBufferPointer {
                decoder.decode($0.baseAddress.unsafelyUnwrapped, count: body.count, contract: table.compiled, slots: row, text: &arena)
            }
            if let fault = decoded.fault {
                let place = file.sample == nil ? "a row drawn from the contract's ranges" : "line \(line)"
                throw Failure(reason: "\(place): \(fault.describe(lenient).message)")
            }
            slots += UnsafeBufferPointer(start: row, count: width)
        }
        self.slots = slots
        text = Array(UnsafeBufferPointer(start: arena.bytes, count: Int(arena.count)))
        if slots.isEmpty { throw Failure(reason: "the file has no rows") }
    }

    /// The rows by field, as the reference of drift.
    func columns(_ contract: Contract) -> [FeatureColumn] {
        contract.fields.enumerated().map { index, field in
            let column = stride(from: index, to: slots.count, by: width).map { slots[$0] }
            switch field.kind {
            case .number, .integer: return .number(column)
            case .boolean: return .boolean(column)
            case .string:
                return .text(column.map { slot in Array(text[TextSlot(slot).offset..<TextSlot(slot).offset + TextSlot(slot).count]) })
            }
        }
    }

    /// Bytes of text that these rows can have at most: those of their bodies, and the defaults in each.
    private static func textCapacity(_ bodies: [(Int, [UInt8])], _ contract: Contract) -> Int {
        let defaults = contract.fields.reduce(0) { if case .text(let text) = $1.fallback { $0 + text.utf8.count } else { $0 } }
        return min(bodies.reduce(0) { $0 + $1.1.count + defaults }, Int(Int32.max))
    }

    private static func lines(of path: String) throws -> [(Int, [UInt8])] {
        let content = try FileBytes(path).withBytes { Array($0) }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        return lines.lazy.filter { !$0.element.isEmpty }.prefix(rowsAtMost).map { ($0.offset + 1, Array($0.element)) }
    }
}

extension SampleRows {
    /// Runs made to measure one row alone, and the time after which fewer must do.
    private static let measuredRuns = 9
    private static let measuredTime: Nanoseconds = .milliseconds(100)

    /// Runs the samples on a lane: so the first client meets a warm model, and its cost in batches is known.
    /// - Throws: `InferenceError` when the model fails on one, or answers something that is not finite on all.
    func warmUp(_ lane: UnsafeMutablePointer<ModelLane>, file: String) throws(InferenceError) {
        var hasAnswer = false
        let count = min(count, Self.warmUpRows)
        for start in stride(from: 0, to: count, by: lane.pointee.rowsAtMost) {
            let rows = min(count - start, lane.pointee.rowsAtMost)
            let took = try run(from: start, rows: rows, on: lane, file: file)
            lane.pointee.learn(rows: rows, took: took)
            for score in 0..<rows * lane.pointee.scoreCount where lane.pointee.lane.scores[score].isFinite { hasAnswer = true }
        }
        if lane.pointee.scoreCount > 0, !hasAnswer {
            throw .fileRefused(file: file, reason: "it answers every sample row with values that are not finite")
        }
    }

    /// The time of one row alone on a warm lane: the median of some runs on different rows, so that a moment without CPU does not count.
    /// - Throws: `InferenceError` when the model fails on one.
    func rowAlone(on lane: UnsafeMutablePointer<ModelLane>, file: String) throws(InferenceError) -> Nanoseconds {
        var times: [Nanoseconds] = []
        var total: Nanoseconds = 0
        while times.count < Self.measuredRuns, times.isEmpty || total < Self.measuredTime {
            let took = try run(from: times.count % count, rows: 1, on: lane, file: file)
            times.append(took)
            total += took
        }
        return times.sorted()[times.count / 2]
    }

    /// Runs some rows and returns the time that it took.
    func run(
        from start: Int, rows: Int, on lane: UnsafeMutablePointer<ModelLane>, file: String
    ) throws(InferenceError) -> Nanoseconds {
        slots.withUnsafeBufferPointer { slots in
            text.withUnsafeBufferPointer { text in
                let nothing: UInt8 = 0
                withUnsafePointer(to: nothing) { empty in
                    for row in 0..<rows {
                        let place = slots.baseAddress.unsafelyUnwrapped + (start + row) * width
                        _ = lane.pointee.lane.fill(row: row, slots: place, text: text.baseAddress ?? empty)
                    }
                }
            }
        }
        let before = MonotonicTime.now()
        if case .failed = lane.pointee.lane.run(rows: rows) {
            throw .fileRefused(file: file, reason: "it fails on the sample rows: \(lane.pointee.lane.reason)")
        }
        return MonotonicTime.now().since(before)
    }
}
