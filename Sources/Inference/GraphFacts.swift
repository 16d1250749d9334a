/// Class names in the order of a model's probability columns, as its label output names them.
enum ClassList: Hashable, Sendable {
    case texts([String])
    case codes([Int64])

    var count: Int {
        switch self {
        case .texts(let texts): texts.count
        case .codes(let codes): codes.count
        }
    }
}

/// What the runtime does not tell about a model, read from the bytes of its file: the class names that converters write into the graph.
///
/// Two places hold them: the `classlabels_…` attributes of classifiers and ZipMap, and for the models that scikit-learn's converter builds
/// from small operators the table that ArrayFeatureExtractor reads. Field numbers: onnx.proto (ModelProto, GraphProto, NodeProto,
/// AttributeProto, TensorProto). Only the main graph is walked, once, in time linear in its bytes.
struct GraphFacts {
    /// Distinct lists, at most `Limits.classes` names each.
    private(set) var classLists: [ClassList] = []

    /// Names of the tables that ArrayFeatureExtractor reads; the tables themselves may come before or after it.
    private var extracted: Set<String> = []
    private var tables: [String: ClassList] = [:]

    private static let attributeNames: Set<String> = ["classlabels_strings", "classlabels_int64s", "classlabels_ints"]

    init(model: UnsafeRawBufferPointer) {
        var reader = FieldReader(model)
        while let field = reader.next() {
            if field.number == 7, case .bytes(let graph) = field.content { readGraph(graph) }
        }
        for name in extracted.sorted() {
            if let table = tables[name] { keep(table) }
        }
    }

    private mutating func keep(_ list: ClassList) {
        guard 1...Limits.classes ~= list.count, !classLists.contains(list) else { return }
        classLists.append(list)
    }

    private mutating func readGraph(_ bytes: UnsafeRawBufferPointer) {
        var reader = FieldReader(bytes)
        while let field = reader.next() {
            guard case .bytes(let content) = field.content else { continue }
            switch field.number {
            case 1: readNode(content)
            case 5: readTable(content)
            default: break
            }
        }
    }

    private mutating func readNode(_ bytes: UnsafeRawBufferPointer) {
        var reader = FieldReader(bytes)
        var firstInput: String?
        var operation = ""
        while let field = reader.next() {
            guard case .bytes(let content) = field.content else { continue }
            switch field.number {
            case 1: firstInput = firstInput ?? String(decoding: content, as: UTF8.self)
            case 4: operation = String(decoding: content, as: UTF8.self)
            case 5: readAttribute(content)
            default: break
            }
        }
        if operation == "ArrayFeatureExtractor", let firstInput { extracted.insert(firstInput) }
    }

    /// An AttributeProto: 1 name, 8 ints (packed or not), 9 strings. The name comes first wherever it is written.
    private mutating func readAttribute(_ bytes: UnsafeRawBufferPointer) {
        var reader = FieldReader(bytes)
        guard let first = reader.next(), first.number == 1, case .bytes(let name) = first.content,
            Self.attributeNames.contains(String(decoding: name, as: UTF8.self))
        else { return }
        var texts: [String] = []
        var codes: [Int64] = []
        while let field = reader.next() {
            switch (field.number, field.content) {
            case (8, let content): Self.append(content, to: &codes)
            case (9, .bytes(let text)): Self.append(text, to: &texts)
            default: break
            }
        }
        if !texts.isEmpty { keep(.texts(texts)) }
        if !codes.isEmpty { keep(.codes(codes)) }
    }

    /// A TensorProto: 2 type, 5 int32s, 6 strings, 7 int64s, 8 name, 9 raw bytes.
    private mutating func readTable(_ bytes: UnsafeRawBufferPointer) {
        var reader = FieldReader(bytes)
        var element: UInt64 = 0
        var name = ""
        var texts: [String] = []
        var codes: [Int64] = []
        var raw: UnsafeRawBufferPointer?
        while let field = reader.next() {
            switch (field.number, field.content) {
            case (2, .number(let number)): element = number
            case (5, let content), (7, let content): Self.append(content, to: &codes)
            case (6, .bytes(let text)): Self.append(text, to: &texts)
            case (8, .bytes(let text)): name = String(decoding: text, as: UTF8.self)
            case (9, .bytes(let content)): raw = content
            default: break
            }
        }
        switch ElementType(rawValue: Int32(clamping: element)) {
        case .text where !texts.isEmpty: tables[name] = .texts(texts)
        case .int32, .int64:
            if let raw { codes = Self.codes(in: raw, wide: element == ElementType.int64.rawValue) }
            if !codes.isEmpty { tables[name] = .codes(codes) }
        default: break
        }
    }

    /// Adds a text, up to one more than the limit: a longer list is then no list of classes.
    private static func append(_ text: UnsafeRawBufferPointer, to texts: inout [String]) {
        if texts.count <= Limits.classes { texts.append(String(decoding: text, as: UTF8.self)) }
    }

    /// Adds one number, or all of a packed run, up to one more than the limit.
    private static func append(_ content: FieldReader.Content, to codes: inout [Int64]) {
        switch content {
        case .number(let number):
            if codes.count <= Limits.classes { codes.append(Int64(bitPattern: number)) }
        case .bytes(let packed):
            var reader = FieldReader(packed)
            while codes.count <= Limits.classes, let number = reader.variableNumber() { codes.append(Int64(bitPattern: number)) }
        case .fixed: break
        }
    }

    /// Little-endian integers of four or eight bytes; none when there are more than the limit.
    private static func codes(in raw: UnsafeRawBufferPointer, wide: Bool) -> [Int64] {
        let size = wide ? 8 : 4
        guard raw.count % size == 0, raw.count / size <= Limits.classes else { return [] }
        return stride(from: 0, to: raw.count, by: size).map { offset in
            wide
                ? Int64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Int64.self))
                : Int64(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
    }
}
