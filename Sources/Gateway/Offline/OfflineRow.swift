import Contracts
import RouteFiles

/// One decoded row that stands alone: a text's slot is its place in `text`.
struct OfflineRow: Sendable {
    let slots: [Double]
    let text: [UInt8]
}

/// Decodes rows that lie in a file or in the ledger, as the bodies of requests are: only that fields which the contract does not name are
/// ignored.
struct OfflineRowDecoder: ~Copyable {
    private let contract: Contract
    private let table: ContractTable
    private var decoder: BodyDecoder
    private var arena: TextArena
    private let slots: UnsafeMutablePointer<Double>

    /// Why a row is none, in words.
    struct Misfit: Error {
        let reason: String
    }

    /// - Throws: `ContractError` when memory is short.
    init(_ file: RouteFile, _ contract: Contract) throws(ContractError) {
        let lenient = try Contract(fields: contract.fields, extra: .ignore, unitField: nil, maxRows: 1)
        let table = try ContractTable(lenient)
        let decoder = try BodyDecoder(maxBody: file.maximumBodyBytes)
        // Texts of a body, and defaults that it leaves out.
        let defaults = contract.fields.reduce(0) { if case .text(let text) = $1.fallback { $0 + text.utf8.count } else { $0 } }
        let capacity = min(file.maximumBodyBytes + defaults, Int(Int32.max))
        self.contract = lenient
        self.table = table
        self.decoder = decoder
        arena = TextArena(bytes: .allocate(capacity: max(1, capacity)), capacity: capacity)
        slots = .allocate(capacity: max(1, contract.fields.count))
    }

    deinit {
        arena.bytes.deallocate()
        slots.deallocate()
    }

    mutating func decode(_ body: [UInt8]) throws(Misfit) -> OfflineRow {
        var padded = body + [UInt8](repeating: 0, count: BodyDecoder.padding)
        arena.clear()
        let fault = padded.withUnsafeMutableBufferPointer { bytes in
            decoder.decode(bytes.baseAddress.unsafelyUnwrapped, count: body.count, contract: table.compiled, slots: slots, text: &arena)
                .fault
        }
        if let fault { throw Misfit(reason: fault.describe(contract).message) }
        return OfflineRow(
            slots: Array(UnsafeBufferPointer(start: slots, count: contract.fields.count)),
            text: Array(UnsafeBufferPointer(start: arena.bytes, count: Int(arena.count))))
    }
}
