/// Where a head's field names are made lower case and its fields are noted while it is read. A reactor has one for all its HTTP/1.1
/// connections: it means something only inside one call of `H1Parser.receive`. One thread; not to be used by a sink.
public struct H1Scratch: ~Copyable {
    /// A field that was read: how long its lower-case name is, which follows the one before, and where its value is in the head.
    struct Field {
        var name: FieldName
        var nameCount: UInt32
        var valueStart: UInt32
        var valueCount: UInt32
    }

    /// Lower-case names, one after the other; a head's names never need more than the head, but they are written in blocks.
    let names: UnsafeMutablePointer<UInt8>
    /// As many as a head may have.
    let fields: UnsafeMutablePointer<Field>

    /// Memory for heads within `limits`; parsers that use this scratch must be given no larger ones.
    public init(_ limits: WireLimits) {
        names = .allocate(capacity: limits.headBytes + ByteScan.slack)
        fields = .allocate(capacity: limits.headerCount)
    }

    deinit {
        names.deallocate()
        fields.deallocate()
    }
}
