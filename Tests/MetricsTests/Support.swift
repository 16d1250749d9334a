import Primitives

@testable import Metrics

extension VariantMeter {
    /// Counts one answer of the ordinary kind.
    func record(status: StatusCode, rows: Int, latency: Nanoseconds, model: Nanoseconds) {
        answered(status: status, reason: .assigned, rows: rows, latency: latency, queue: 0, model: model)
    }
}

/// Memory that a test can read as the files it would be: a head, then the blocks one after another, for each reactor.
///
/// Unchecked: the registry's lock orders all calls of `block` and `complete`, and tests read when nobody counts.
final class TestFiles: BlockSource, @unchecked Sendable {
    private let room: Int
    private var files: [UnsafeMutablePointer<Word>] = []
    private var handedOut: [Int]

    /// - Parameter room: words of each file for blocks.
    init(reactors: Int = 1, room: Int = 1 << 18, nonce: UInt64 = 7) {
        self.room = room
        handedOut = Array(repeating: CellLayout.fileHead, count: reactors)
        for reactor in 0..<reactors {
            let count = CellLayout.fileHead + room
            let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 4_096)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: count * 8)
            let words = memory.bindMemory(to: Word.self, capacity: count)
            for (index, value) in [CellLayout.fileMagic, CellLayout.version, 1_700, nonce, UInt64(reactor), 4_096, 42].enumerated() {
                words.set(value, at: index)
            }
            files.append(words)
        }
    }

    deinit {
        for file in files { UnsafeMutableRawPointer(file).deallocate() }
    }

    func block(words: Int, reactor: Int) -> UnsafeMutablePointer<Word>? {
        let start = handedOut[reactor]
        guard start + words <= CellLayout.fileHead + room else { return nil }
        handedOut[reactor] += words
        return files[reactor] + start
    }

    func complete(reactor: Int) {
        files[reactor].set(UInt64(handedOut[reactor] * 8), at: 5)
    }

    /// The words of a reactor's file up to what was handed out.
    func image(_ reactor: Int = 0) -> [UInt64] {
        (0..<handedOut[reactor]).map { files[reactor].value(at: $0) }
    }

    /// A reader of a reactor's file.
    func reader(_ reactor: Int = 0) -> BlockReader {
        BlockReader(words: image(reactor))
    }
}

extension BlockReader {
    /// Reads an image given as words.
    init(words: [UInt64]) {
        self.init(words.span.bytes)
    }
}

/// A registry on files of its own.
struct Rig {
    let files: TestFiles
    let registry: CellRegistry

    init(reactors: Int = 1, room: Int = 1 << 18, limit: Int = Limits.namedCells) {
        files = TestFiles(reactors: reactors, room: room)
        registry = CellRegistry(reactors: reactors, limit: limit, blocks: files, created: 99)
    }
}

/// A shape with everything in it, and its bins.
enum Shapes {
    static let bins = FeatureBins([
        .number((0..<1_000).map { Double($0) / 10 }), .boolean([0, 1, 1, .nan]), .text(["a", "b", "a", ""].map { Array($0.utf8) }),
    ])
    private static let model: [UInt8] = [1, 2, 3]
    static let full = VariantShape(model: model.span.bytes, probabilities: 3, values: 1, bins: bins)

    /// Counts one random request, all of it.
    static func count(_ meter: VariantMeter, _ generator: inout SeededGenerator) {
        let status = StatusCode.allCases.randomElement(using: &generator) ?? .other
        let reason = ServedReason.allCases.randomElement(using: &generator) ?? .assigned
        meter.answered(
            status: status, reason: reason, rows: .random(in: 1...5, using: &generator), latency: generator.latency(),
            queue: generator.latency(), model: Bool.random(using: &generator) ? 0 : generator.latency())
        meter.exposed(status: status, rows: .random(in: 1...5, using: &generator))
        meter.event(EventKind.allCases.randomElement(using: &generator) ?? .slow, isFirst: Bool.random(using: &generator))
        for output in 0..<5 { meter.score(output: output, value: .random(in: -0.1...1.1, using: &generator)) }
        meter.feature(0, .random(in: -10...110, using: &generator))
        meter.feature(1, Bool.random(using: &generator) ? 1 : 0)
        let text = [UInt8.random(in: 97...99, using: &generator)]
        meter.feature(2, text: text.span.bytes)
    }
}
