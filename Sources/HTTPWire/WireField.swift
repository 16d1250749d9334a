/// One field of an answer: borrowed bytes, the name in lower case.
@frozen
public struct WireField {
    public var name: UnsafePointer<UInt8>
    public var nameCount: Int
    public var value: UnsafePointer<UInt8>
    public var valueCount: Int
    /// The value is new in almost every answer, so HTTP/2 leaves it out of the compression table (measured: a quarter of the instructions of
    /// an answer, where an id would push everything else out of the table).
    public var isVolatile: Bool

    @inlinable public init(name: UnsafePointer<UInt8>, nameCount: Int, value: UnsafePointer<UInt8>, valueCount: Int, isVolatile: Bool = false) {
        self.name = name
        self.nameCount = nameCount
        self.value = value
        self.valueCount = valueCount
        self.isVolatile = isVolatile
    }

    /// A field whose name is part of the program.
    @inlinable public init(_ name: StaticString, _ value: UnsafePointer<UInt8>, _ valueCount: Int, isVolatile: Bool = false) {
        self.init(name: name.utf8Start, nameCount: name.utf8CodeUnitCount, value: value, valueCount: valueCount, isVolatile: isVolatile)
    }

    /// A field that is part of the program.
    @inlinable public init(_ name: StaticString, _ value: StaticString) {
        self.init(name, value.utf8Start, value.utf8CodeUnitCount)
    }
}
