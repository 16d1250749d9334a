internal import CSimdJSON

/// What a body held: rows, or why it was refused. Trivially copyable.
package struct Decoded {
    /// Rows written; 0 when there is a fault.
    package let rows: Int
    /// Whether they came as `{"instances": […]}`, so that the answer is a list too.
    package let isList: Bool
    package let fault: ContractFault?
    /// The unit's UTF-8 bytes; nil when the contract names none or the body has none.
    package let unit: UnsafeBufferPointer<UInt8>?

    init(_ decoded: csimdjson_decoded) {
        rows = Int(decoded.rows)
        isList = decoded.is_list
        fault = decoded.fault == 0 ? nil : ContractFault(decoded)
        unit = decoded.unit.map { UnsafeBufferPointer(start: $0, count: Int(decoded.unit_count)) }
    }
}
