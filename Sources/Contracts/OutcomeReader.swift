internal import CSimdJSON

/// Reads bodies of outcomes; owns a parser and its buffers. One thread at a time.
///
/// **Forms.** One object; an array of objects; or NDJSON, one object a line with blank lines anywhere. A body is taken for NDJSON when a
/// line break stands between `}` and `{`, or when the caller knows from its media type.
///
/// **An object** is `{"prediction":"…","name":"correct","value":1,"at":"2026-11-22T20:00:00Z","replace":true}`. The first three are
/// required; `at` is RFC 3339 text or whole milliseconds since 1970; a null `at` or `replace` is an absent one. Any other key, and a key
/// that comes twice, is a fault.
///
/// **Strictness.** All of the body is checked (RFC 8259, UTF-8, nothing but white space at the end) up to the first fault in reading order,
/// which refuses the body as a whole. A `value` that is JSON but cannot be recorded is `OutcomeValue.unfit` and leaves the others alone.
/// A byte order mark at the start is skipped.
package struct OutcomeReader: ~Copyable {
    /// Bytes that must be readable after every body; their content does not matter, and it is the same after `read`.
    package static var padding: Int { Int(CSIMDJSON_PADDING) }

    /// Most outcomes of one body; with more it is `too-many-rows`.
    package let maxItems: Int
    private let reader: OpaquePointer

    /// A reader for bodies up to `maxBody` bytes (longer ones are `body-too-large`). Takes about 7 bytes of address space per byte of body
    /// and 100 per outcome. Throws when memory is short.
    package init(maxBody: Int, maxItems: Int) throws(ContractError) {
        guard (1...Limits.bodyBytes).contains(maxBody) else {
            throw .contract(key: "body", reason: "\(maxBody) is not within 1...\(Limits.bodyBytes) bytes")
        }
        guard (1...Limits.outcomes).contains(maxItems) else {
            throw .contract(key: "outcomes", reason: "\(maxItems) is not within 1...\(Limits.outcomes)")
        }
        guard let reader = csimdjson_outcome_reader_create(maxBody, UInt32(maxItems)) else { throw .outOfMemory }
        self.reader = reader
        self.maxItems = maxItems
    }

    deinit {
        csimdjson_outcome_reader_destroy(reader)
    }

    /// Reads one body; allocates nothing.
    ///
    /// - Parameters:
    ///   - body: `count` bytes, with `OutcomeReader.padding` readable bytes after them. All are as before after the call, and not needed any
    ///     more: the outcomes are copies.
    ///   - isLines: the body is NDJSON by its media type (`application/x-ndjson`), even if it is a single line.
    /// - Returns: the outcomes, or the first fault; valid until the next call.
    package mutating func read(_ body: UnsafeMutablePointer<UInt8>, count: Int, isLines: Bool = false) -> OutcomeBatch {
        var outcomes = csimdjson_outcomes()
        csimdjson_read_outcomes(reader, body, count, isLines, &outcomes)
        return OutcomeBatch(outcomes, maxItems: maxItems)
    }
}

/// What a body of outcomes held. Trivially copyable; valid until the reader's next body.
package struct OutcomeBatch {
    /// Outcomes read; 0 when there is a fault.
    package let count: Int
    /// Whether a list came, so that the answer is a list too.
    package let isList: Bool
    package let fault: OutcomeFault?
    private let items: UnsafePointer<csimdjson_outcome>?

    init(_ outcomes: csimdjson_outcomes, maxItems: Int) {
        count = Int(outcomes.count)
        isList = outcomes.is_list
        fault = outcomes.fault == 0 ? nil : OutcomeFault(outcomes, maxItems: maxItems)
        items = outcomes.items
    }

    /// The outcome at `index`, in the order of the body.
    package subscript(index: Int) -> OutcomeItem {
        guard let items, (0..<count).contains(index) else { preconditionFailure("no outcome \(index) among \(count)") }
        return OutcomeItem(items[index])
    }
}
