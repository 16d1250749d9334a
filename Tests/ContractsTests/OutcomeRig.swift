@testable import Contracts

/// An outcome as plain Swift.
struct Outcome: Equatable {
    enum Value: Equatable {
        case number(Double, fixed: Int64?)
        case boolean(Bool)
        case text(String)
        case unfit
    }

    var prediction = "p"
    var name = "n"
    var value = Value.boolean(true)
    var at: Int64?
    var isReplacement = false
}

/// A reader of outcomes, and copies of what it answers.
final class OutcomeRig {
    struct Answer: Equatable {
        var items: [Outcome] = []
        var isList = false
        var report: FaultReport?

        var code: String? { report?.code }
    }

    private var reader: OutcomeReader
    private let padding: UInt8

    init(maxBody: Int = 1 << 16, maxItems: Int = 1_000, padding: UInt8 = 0) throws {
        reader = try OutcomeReader(maxBody: maxBody, maxItems: maxItems)
        self.padding = padding
    }

    func read(_ body: String, isLines: Bool = false) -> Answer { read(Array(body.utf8), isLines: isLines) }

    /// Reads a copy that lies in a block of exactly the promised size, and is overwritten before the answer is looked at. It must have
    /// been left as it was.
    func read(_ body: [UInt8], isLines: Bool = false) -> Answer {
        let size = body.count + OutcomeReader.padding
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { bytes.deallocate() }
        bytes.initialize(repeating: padding, count: size)
        body.withUnsafeBufferPointer { if let base = $0.baseAddress { bytes.update(from: base, count: body.count) } }
        let batch = reader.read(bytes, count: body.count, isLines: isLines)
        let whole = UnsafeBufferPointer(start: bytes, count: size)
        precondition(whole.prefix(body.count).elementsEqual(body) && whole.dropFirst(body.count).allSatisfy { $0 == padding })
        bytes.update(repeating: 0x58, count: size)
        if let fault = batch.fault {
            precondition(batch.count == 0)
            return Answer(isList: batch.isList, report: fault.describe())
        }
        return Answer(items: (0..<batch.count).map { Outcome(batch[$0]) }, isList: batch.isList)
    }
}

extension Outcome {
    fileprivate init(_ item: OutcomeItem) {
        prediction = String(decoding: item.prediction, as: UTF8.self)
        name = String(decoding: item.name, as: UTF8.self)
        at = item.at
        isReplacement = item.isReplacement
        switch item.value {
        case .number(let number, let fixed): value = .number(number, fixed: fixed)
        case .boolean(let flag): value = .boolean(flag)
        case .text(let bytes): value = .text(String(decoding: bytes, as: UTF8.self))
        case .unfit: value = .unfit
        }
    }
}
