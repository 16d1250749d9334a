/// The members of one JSON object, found without reading their values, so that a row goes out byte for byte as it stands in the file.
struct JSONObject {
    /// `"key":value`, as ranges of the object's bytes.
    struct Member {
        let key: String
        let value: Range<Int>
        /// From the key's first quote to the value's end.
        let whole: Range<Int>
    }

    /// What is wrong, for a person, and at which byte.
    struct Fault: Error, Equatable {
        let reason: String
        let offset: Int
    }

    let bytes: ArraySlice<UInt8>
    let members: [Member]

    /// Splits `bytes` into members. Structure is checked as far as needed to find their ends; values are the server's business.
    init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var scanner = JSONScanner(bytes)
        self.bytes = bytes
        members = try scanner.object()
    }

    /// The last value under `key`: text without quotes and escapes, any other value as it is written; nil if absent or null.
    func text(_ key: String) -> String? {
        guard let member = members.last(where: { $0.key == key }) else { return nil }
        let value = bytes[member.value]
        if value.first == UInt8(ascii: "\"") { return plainText(value) }
        let word = String(decoding: value, as: UTF8.self)
        return word == "null" ? nil : word
    }

    /// The object as bytes, without the members called `key`. What is left keeps its order and its spelling.
    func removing(_ key: String) -> [UInt8] {
        var result: [UInt8] = [UInt8(ascii: "{")]
        for member in members where member.key != key {
            if result.count > 1 { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: bytes[member.whole])
        }
        result.append(UInt8(ascii: "}"))
        return result
    }
}

/// Walks over the bytes of one object.
private struct JSONScanner {
    let bytes: ArraySlice<UInt8>
    var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    mutating func object() throws(JSONObject.Fault) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        try expect("{", "not a JSON object")
        if !take("}") {
            repeat {
                members.append(try member())
            } while take(",")
            try expect("}", "',' or '}' is missing")
        }
        skipSpace()
        guard index == bytes.endIndex else { throw fault("something follows the object") }
        return members
    }

    private mutating func member() throws(JSONObject.Fault) -> JSONObject.Member {
        skipSpace()
        let start = index
        let key = plainText(bytes[try string()])
        try expect(":", "':' is missing")
        skipSpace()
        let value = try value()
        return JSONObject.Member(key: key, value: value, whole: start..<value.upperBound)
    }

    /// A value's bytes; what is nested in it is skipped by counting brackets.
    private mutating func value() throws(JSONObject.Fault) -> Range<Int> {
        let start = index
        var depth = 0
        while index < bytes.endIndex {
            switch Character(UnicodeScalar(bytes[index])) {
            case "\"": _ = try string()
            case "{", "[": (depth, index) = (depth + 1, index + 1)
            case "}" where depth == 0, "]" where depth == 0, "," where depth == 0: return try nonempty(start)
            case "}", "]": (depth, index) = (depth - 1, index + 1)
            case " " where depth == 0, "\t" where depth == 0, "\r" where depth == 0: return try nonempty(start)
            default: index += 1
            }
        }
        throw fault("the object is not closed")
    }

    private func nonempty(_ start: Int) throws(JSONObject.Fault) -> Range<Int> {
        guard index > start else { throw fault("a value is missing") }
        return start..<index
    }

    /// A string's bytes, quotes included.
    private mutating func string() throws(JSONObject.Fault) -> Range<Int> {
        let start = index
        try expect("\"", "a key is missing")
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<index }
        }
        index = bytes.endIndex
        throw fault("a string is not closed")
    }

    private mutating func expect(_ character: Unicode.Scalar, _ reason: String) throws(JSONObject.Fault) {
        guard take(character) else { throw fault(reason) }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.endIndex, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.endIndex, bytes[index] == 0x20 || (0x09...0x0d).contains(bytes[index]) { index += 1 }
    }

    private func fault(_ reason: String) -> JSONObject.Fault {
        JSONObject.Fault(reason: reason, offset: index - bytes.startIndex)
    }
}
