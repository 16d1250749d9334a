internal import CSimdJSON

/// The compiled form of a contract: made once per plan, read by every reactor.
///
/// The plan keeps the table; reactors copy `compiled`, a bare pointer, and must be done with it before the table goes.
package final class ContractTable: Sendable {
    package let compiled: CompiledContract

    /// Throws `outOfMemory` only: a `Contract` is valid by its existence.
    package init(_ contract: Contract) throws(ContractError) {
        var scratch = ContractDescription()
        defer { scratch.free() }
        let fields = contract.fields.map { scratch.describe($0) }
        let unit = contract.unitField.map { scratch.text($0) } ?? csimdjson_text()
        let table = csimdjson_contract_create(fields, fields.count, unit, contract.extra == .ignore, UInt32(contract.maxRows))
        guard let table else { throw .outOfMemory }
        compiled = CompiledContract(pointer: table)
    }

    deinit {
        csimdjson_contract_destroy(compiled.pointer)
    }
}

/// A borrowed, trivially copyable view of a `ContractTable`; valid while that lives.
///
/// `@unchecked Sendable`: what it points to never changes after it was made.
package struct CompiledContract: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// C descriptions of fields; owns the copies of their texts until `free`.
private struct ContractDescription {
    private var bytes: [UnsafeMutableBufferPointer<UInt8>] = []
    private var lists: [UnsafeMutableBufferPointer<csimdjson_text>] = []

    mutating func text(_ string: String) -> csimdjson_text {
        // One byte more than needed: an empty string must not become the null pointer, which means "none".
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: string.utf8.count + 1)
        copy.initialize(repeating: 0)
        _ = copy.update(fromContentsOf: string.utf8)
        bytes.append(copy)
        return csimdjson_text(bytes: copy.baseAddress, count: string.utf8.count)
    }

    mutating func describe(_ field: ContractField) -> csimdjson_field {
        var description = csimdjson_field()
        description.name = text(field.name)
        description.kind = field.kind.code
        description.missing = field.missingRule
        description.minimum = field.minimum ?? -.infinity
        description.maximum = field.maximum ?? .infinity
        description.max_length = UInt32(field.maximumLength)
        switch field.fallback {
        case .number(let number): description.default_number = number
        case .boolean(let flag): description.default_number = flag ? 1 : 0
        case .text(let string): description.default_text = text(string)
        case nil: break
        }
        let list = UnsafeMutableBufferPointer<csimdjson_text>.allocate(capacity: field.values.count)
        _ = list.initialize(fromContentsOf: field.values.map { text($0) })
        lists.append(list)
        description.values = UnsafePointer(list.baseAddress)
        description.value_count = list.count
        return description
    }

    mutating func free() {
        for copy in bytes { copy.deallocate() }
        for list in lists { list.deallocate() }
    }
}

extension ContractField {
    fileprivate var missingRule: UInt8 {
        let rule = fallback != nil ? CSIMDJSON_DEFAULT : isRequired ? CSIMDJSON_REFUSE : CSIMDJSON_ABSENT
        return UInt8(rule)
    }
}

extension ContractField.Kind {
    fileprivate var code: UInt8 {
        switch self {
        case .number: UInt8(CSIMDJSON_NUMBER)
        case .integer: UInt8(CSIMDJSON_INTEGER)
        case .boolean: UInt8(CSIMDJSON_BOOLEAN)
        case .string: UInt8(CSIMDJSON_STRING)
        }
    }
}
