/// The fields of one protobuf message, in order: a strict walk that never reads outside `bytes` and ends at the first malformed byte.
///
/// Format: protobuf.dev/programming-guides/encoding. Groups (wire types 3 and 4) are malformed here; ONNX has none.
struct FieldReader {
    struct Field {
        let number: UInt64
        let content: Content
    }

    enum Content {
        case number(UInt64)
        case bytes(UnsafeRawBufferPointer)
        /// Four or eight bytes that no reader here wants.
        case fixed
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// The walk ended before the bytes did.
    private(set) var isMalformed = false

    /// The largest field number of the format.
    private static let largestNumber: UInt64 = (1 << 29) - 1

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next field; nil at the end and where the bytes are no message.
    mutating func next() -> Field? {
        guard position < bytes.count else { return nil }
        let tag = variableNumber() ?? 0
        let content: Content?
        switch tag & 7 {
        case _ where !(1...Self.largestNumber ~= tag >> 3): content = nil
        case 0: content = variableNumber().map(Content.number)
        case 1: content = skip(8)
        case 2: content = variableNumber().flatMap { slice($0) }
        case 5: content = skip(4)
        default: content = nil
        }
        guard let content else {
            position = bytes.count
            isMalformed = true
            return nil
        }
        return Field(number: tag >> 3, content: content)
    }

    /// A number in groups of seven bits, at most ten bytes; as a packed field repeats it too.
    mutating func variableNumber() -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) where position < bytes.count {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return number }
        }
        return nil
    }

    private mutating func slice(_ count: UInt64) -> Content? {
        guard count <= UInt64(bytes.count - position) else { return nil }
        let end = position + Int(count)
        defer { position = end }
        return .bytes(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
    }

    private mutating func skip(_ count: Int) -> Content? {
        guard count <= bytes.count - position else { return nil }
        position += count
        return .fixed
    }
}
