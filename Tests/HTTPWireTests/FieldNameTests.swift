import Testing

@testable import HTTPWire

@Suite struct FieldNameTests {
    private static let names: [(String, FieldName)] = [
        (":method", .method), (":path", .path), (":authority", .authority), (":scheme", .scheme), ("authorization", .authorization),
        ("content-type", .contentType), ("content-length", .contentLength), ("content-encoding", .contentEncoding), ("expect", .expect),
        ("cookie", .cookie), ("traceparent", .traceparent), ("x-weir-variant", .weirVariant), ("x-weir-timeout-ms", .weirTimeout), ("x-weir-fault", .weirFault),
        ("host", .host), ("if-match", .ifMatch), ("accept", .accept),
    ]

    private func name(_ text: String) -> FieldName {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { FieldName.of($0.baseAddress ?? UnsafePointer(bitPattern: 8)!, $0.count) }
    }

    @Test("each name is known", arguments: names)
    func known(_ text: String, _ expected: FieldName) {
        #expect(name(text) == expected)
    }

    @Test("a name with one byte changed, added or missing is another", arguments: names)
    func nearMisses(_ text: String, _ expected: FieldName) {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(name(String(decoding: changed, as: UTF8.self)) == .other)
        }
        #expect(name(text + "x") == .other)
        #expect(name(String(text.dropLast())) == .other)
    }
}
