/// What a tensor holds, as ONNX numbers it.
package enum ElementType: Int32, BitwiseCopyable, Sendable, CustomStringConvertible {
    case float32 = 1
    case uint8, int8, uint16, int16, int32, int64, text, bool, float16, float64, uint32, uint64

    /// Bytes of one element in memory that we own; 0 for texts, which the runtime owns.
    package var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16, .float16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        case .text: 0
        }
    }

    package var description: String {
        switch self {
        case .float32: "float32"
        case .uint8: "uint8"
        case .int8: "int8"
        case .uint16: "uint16"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .text: "string"
        case .bool: "bool"
        case .float16: "float16"
        case .float64: "float64"
        case .uint32: "uint32"
        case .uint64: "uint64"
        }
    }
}

/// An input or output of a model, as its file declares it.
package struct Port: Sendable, Equatable, CustomStringConvertible {
    /// What kind of value goes through.
    package enum Kind: Sendable, Equatable {
        case tensor(ElementType)
        /// One map from class to score per row, as ZipMap makes it.
        case mapPerRow(key: ElementType, value: ElementType)
        /// Anything else, in words.
        case other(String)
    }

    package let name: String
    package let kind: Kind
    /// The declared dimensions of a tensor; nil where a name or nothing stands: any number. The batch comes first.
    package let dimensions: [Int64?]

    /// The element of a tensor.
    package var element: ElementType? {
        if case .tensor(let element) = kind { element } else { nil }
    }

    /// Such as `float32 [?, 14]`.
    package var description: String {
        switch kind {
        case .tensor(let element): "\(element) [\(dimensions.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
        case .mapPerRow(let key, let value): "a map from \(key) to \(value) per row"
        case .other(let words): words
        }
    }
}

/// What a model file says about itself.
package struct ModelCard: Sendable, Equatable {
    package let producer: String
    /// nil when the file has none.
    package let version: Int64?
    package let description: String
    package let metadata: [String: String]
}

/// One column of a route's contract.
package struct Column: Sendable, Equatable {
    package let name: String
    /// Texts go to string inputs, everything else to numeric ones.
    package let isText: Bool

    package init(name: String, isText: Bool) {
        self.name = name
        self.isText = isText
    }
}
