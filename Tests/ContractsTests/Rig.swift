import Foundation
import Testing

@testable import Contracts

/// A decoder with memory for its rows, and copies of what it answers.
final class Rig {
    /// One row's value as plain Swift.
    enum Value: Equatable, CustomStringConvertible {
        case number(Double)
        case missing
        case text(String)

        var description: String {
            switch self {
            case .number(let number): "\(number)"
            case .missing: "missing"
            case .text(let text): "\"\(text)\""
            }
        }
    }

    /// Rows and unit, or a fault's report.
    struct Answer: Equatable {
        var rows: [[Value]] = []
        var unit: String?
        var isList = false
        var report: FaultReport?

        var code: String? { report?.code }
    }

    let contract: Contract
    private let table: ContractTable
    private var decoder: BodyDecoder
    private var text: TextArena
    private let slots: UnsafeMutablePointer<Double>
    private let padding: UInt8

    init(_ contract: Contract, maxBody: Int = 1 << 20, textBytes: Int = 1 << 20, padding: UInt8 = 0) throws {
        self.contract = contract
        self.padding = padding
        table = try ContractTable(contract)
        slots = .allocate(capacity: contract.maxRows * contract.fields.count)
        text = TextArena(bytes: .allocate(capacity: max(textBytes, 1)), capacity: textBytes)
        decoder = try BodyDecoder(maxBody: maxBody)
    }

    deinit {
        slots.deallocate()
        text.bytes.deallocate()
    }

    func decode(_ body: String) -> Answer { decode(Array(body.utf8)) }

    /// Decodes a copy that lies in a block of exactly the promised size, so that a sanitizer or valgrind sees any step beyond.
    func decode(_ body: [UInt8]) -> Answer {
        let size = body.count + BodyDecoder.padding
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { bytes.deallocate() }
        bytes.initialize(repeating: padding, count: size)
        body.withUnsafeBufferPointer { if let base = $0.baseAddress { bytes.update(from: base, count: body.count) } }
        text.clear()
        let decoded = decoder.decode(bytes, count: body.count, contract: table.compiled, slots: slots, text: &text)
        if let fault = decoded.fault { return Answer(report: fault.describe(contract)) }
        return Answer(rows: (0..<decoded.rows).map(row), unit: decoded.unit.map { String(decoding: $0, as: UTF8.self) }, isList: decoded.isList)
    }

    private func row(_ index: Int) -> [Value] {
        contract.fields.indices.map { field in
            let slot = slots[index * contract.fields.count + field]
            guard contract.fields[field].kind == .string else { return slot.isNaN ? .missing : .number(slot) }
            let place = TextSlot(slot)
            let bytes = UnsafeBufferPointer(start: text.bytes + place.offset, count: place.count)
            return .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// SplitMix64 for tests: seeded, so that a failure can be repeated.
struct SeededSource: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension Contract {
    /// The fourteen numbers of the film example.
    static func films(extra: Extra = .refuse, unitField: String? = nil) throws -> Contract {
        let names = ["year", "length", "rating", "votes"] + (1...10).map { "r\($0)" }
        return try Contract(fields: names.map { ContractField(name: $0, kind: .number) }, extra: extra, unitField: unitField)
    }

    /// One field of each kind and rule.
    static func varied(extra: Extra = .refuse, unitField: String? = nil) throws -> Contract {
        try Contract(
            fields: [
                ContractField(name: "year", kind: .number, minimum: 1890, maximum: 2030),
                ContractField(name: "count", kind: .integer, minimum: -10),
                ContractField(name: "color", kind: .boolean),
                ContractField(name: "genre", kind: .string, values: ["Drama", "Comedy", "Ä\"x\""]),
                ContractField(name: "score", kind: .number, isRequired: false),
                ContractField(name: "note", kind: .string, isRequired: false, maximumLength: 8),
                ContractField(name: "votes", kind: .integer, fallback: .number(7)),
                ContractField(name: "lang", kind: .string, fallback: .text("en")),
            ], extra: extra, unitField: unitField, maxRows: 3)
    }
}

let filmBody = """
    {"year":1994,"length":142,"rating":9.1,"votes":149494,"r1":4.5,"r2":4.5,"r3":4.5,"r4":4.5,"r5":4.5,"r6":4.5,"r7":4.5,\
    "r8":14.5,"r9":24.5,"r10":45.5}
    """
