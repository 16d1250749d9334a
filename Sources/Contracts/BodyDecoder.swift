internal import CSimdJSON

/// Reads request bodies into rows; owns a parser and its buffers. One per reactor, one thread at a time.
///
/// **Forms.** One object of features is one row. `{"instances": [{…}, …]}` is 1…maxRows rows; when the contract has a feature called
/// "instances", only the first form exists. Beside "instances" only the unit's field and ignored extras may stand.
///
/// **Slots.** A row is one `Double` per field, in the contract's order. A number is itself; an integer must be integral within ±2^53
/// (1.0 and 1e2 are integers); a boolean is 0 or 1; a string is a `TextSlot`.
///
/// **Missing values** are an absent field, `null`, and the bare words NaN, nan, Infinity and -Infinity, which Python's `json.dumps`
/// writes and RFC 8259 does not know. They become the field's fallback, NaN or the empty string, or the fault `missing-value`.
///
/// **Unit.** A string or an integer: 17, 17.0 and "17" are the same unit. Beside "instances" it wins over the first row's; later rows'
/// units are checked and not used. A missing or empty one leaves the body without a unit.
///
/// **Strictness.** All of the body is checked (RFC 8259, UTF-8, nothing but white space after the object, ignored fields too) up to the
/// first fault in reading order. Duplicates are refused among the contract's fields and the unit; inside ignored fields they are not
/// looked for. A byte order mark at the start is skipped.
package struct BodyDecoder: ~Copyable {
    /// Bytes that must be readable after every body; their content does not matter, and it is the same after `decode`.
    package static var padding: Int { Int(CSIMDJSON_PADDING) }

    private let parser: OpaquePointer

    /// A decoder for bodies up to `maxBody` bytes (longer ones are `body-too-large`). Takes about 6 bytes of address space per byte of
    /// body, used only as far as bodies need it. Throws when memory is short.
    package init(maxBody: Int) throws(ContractError) {
        guard (1...Limits.bodyBytes).contains(maxBody) else {
            throw .contract(key: "body", reason: "\(maxBody) is not within 1...\(Limits.bodyBytes) bytes")
        }
        guard let parser = csimdjson_parser_create(maxBody) else { throw .outOfMemory }
        self.parser = parser
    }

    deinit {
        csimdjson_parser_destroy(parser)
    }

    /// Decodes one body; allocates nothing.
    ///
    /// - Parameters:
    ///   - body: `count` bytes, with `BodyDecoder.padding` readable bytes after them. The byte after the body is set aside for the call.
    ///   - slots: room for `maxRows` rows of the contract; undefined content after a fault.
    ///   - text: decoded strings are appended to it; unchanged in length after a fault.
    /// - Returns: rows or the first fault. Its pointers are valid until the next call; the unit's also need the text arena.
    package mutating func decode(
        _ body: UnsafeMutablePointer<UInt8>, count: Int, contract: CompiledContract, slots: UnsafeMutablePointer<Double>, text: inout TextArena
    ) -> Decoded {
        var target = csimdjson_target(slots: slots, text: text.bytes, text_capacity: text.capacity, text_used: text.count)
        var decoded = csimdjson_decoded()
        csimdjson_decode(parser, contract.pointer, body, count, &target, &decoded)
        text.count = target.text_used
        return Decoded(decoded)
    }
}
