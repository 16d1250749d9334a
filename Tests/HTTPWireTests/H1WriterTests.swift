import Testing

@testable import HTTPWire

@Suite struct H1WriterTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    /// The head as text, or nil when it does not fit.
    private func written(
        _ status: Int, _ persistence: H1Persistence = .implied, type: String? = nil, length: Int? = nil, fields: [(String, String)] = [],
        capacity: Int = 4_096
    ) -> String? {
        var owned: [UnsafeMutablePointer<UInt8>] = []
        func bytes(_ text: String) -> (UnsafePointer<UInt8>, Int) {
            let count = text.utf8.count
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
            for (index, byte) in text.utf8.enumerated() { memory[index] = byte }
            owned.append(memory)
            return (UnsafePointer(memory), count)
        }
        defer { for memory in owned { memory.deallocate() } }
        let wire = fields.map { name, value in
            let (name, nameCount) = bytes(name)
            let (value, valueCount) = bytes(value)
            return WireField(name: name, nameCount: nameCount, value: value, valueCount: valueCount)
        }
        let type = type.map(bytes)
        let head = H1ResponseHead(
            status: status, persistence: persistence, date: bytes(Self.date).0, contentType: type?.0, contentTypeCount: type?.1 ?? 0,
            contentLength: length)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
        defer { buffer.deallocate() }
        return wire.withUnsafeBufferPointer { wire in
            guard let count = H1Writer.write(head, wire.baseAddress, wire.count, to: buffer, capacity: capacity) else { return nil }
            #expect(count <= H1Writer.bound(head, wire.baseAddress, wire.count))
            return String(decoding: UnsafeBufferPointer(start: buffer, count: count), as: UTF8.self)
        }
    }

    @Test("a head with everything")
    func everything() {
        let head = written(200, .closing, type: "application/json", length: 210, fields: [("x-weir-variant", "champion"), ("x", "")])
        #expect(
            head == "HTTP/1.1 200 OK\r\ndate: \(Self.date)\r\ncontent-type: application/json\r\ncontent-length: 210\r\n"
                + "connection: close\r\nx-weir-variant: champion\r\nx: \r\n\r\n")
    }

    @Test("a head with nothing")
    func nothing() {
        #expect(written(204) == "HTTP/1.1 204 No Content\r\ndate: \(Self.date)\r\n\r\n")
    }

    @Test("says of the connection what its client must hear")
    func persistence() {
        #expect(H1Persistence.of(keepAlive: true, isVersion10: false) == .implied)
        #expect(H1Persistence.of(keepAlive: true, isVersion10: true) == .announced)
        #expect(H1Persistence.of(keepAlive: false, isVersion10: true) == .closing)
        #expect(written(204, .announced)?.hasSuffix("\r\nconnection: keep-alive\r\n\r\n") == true)
        #expect(written(204, .implied)?.contains("connection") == false)
    }

    @Test("lengths of every number of digits", arguments: [0, 9, 10, 99, 100, 12_345, 999_999_999_999_999_999, Int.max])
    func lengths(_ length: Int) {
        #expect(written(200, length: length)?.contains("\r\ncontent-length: \(length)\r\n") == true)
    }

    @Test("decimal numbers up to the largest")
    func decimals() {
        for value in [0, 1, 10_000_000_000_000_000_000, UInt64.max, UInt64.max - 1, 9_999_999_999_999_999_999] {
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 20)
            defer { buffer.deallocate() }
            var output = ByteOutput(buffer)
            output.decimal(value)
            #expect(String(decoding: UnsafeBufferPointer(start: buffer, count: output.count(since: buffer)), as: UTF8.self) == "\(value)")
        }
    }

    @Test("every fault's status has a status line with a reason", arguments: WireFault.allCases)
    func faultStatuses(_ fault: WireFault) {
        let head = written(fault.status) ?? ""
        #expect(head.wholeMatch(of: /HTTP\/1\.1 (\d{3}) [A-Z][A-Za-z ]+\r\n[^\0]*/)?.1 == "\(fault.status)")
    }

    @Test("each status line names its own status")
    func statusLines() {
        for status in 200...599 {
            #expect(written(status)?.hasPrefix("HTTP/1.1 \(status) ") == true)
        }
        #expect(written(418)?.hasPrefix("HTTP/1.1 418 \r\n") == true)
    }

    @Test("a head that might not fit is not begun")
    func capacity() {
        let bound = H1Writer.fixedBytes + 4 + 1 + 2
        #expect(written(200, fields: [("a", "bc")], capacity: bound) != nil)
        #expect(written(200, fields: [("a", "bc")], capacity: bound - 1) == nil)
    }

    @Test("the fixed bytes cover the longest head without fields")
    func fixedBytes() {
        let longest = (200...599).compactMap { written($0, .announced, type: "", length: .max) }.map(\.utf8.count).max() ?? .max
        #expect(longest <= H1Writer.fixedBytes)
    }

    @Test("the invitation to send a body")
    func continueResponse() {
        #expect(H1Writer.continueResponse.description == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}
