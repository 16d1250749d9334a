import ArgumentParser

/// How exported rows are written.
enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
    /// One JSON object a line.
    case ndjson
    /// RFC 4180: a header, lines that end in CRLF, quotes where they are needed. An empty cell is null; an empty text is `""`.
    case csv

    /// What stands before the rows.
    func head(_ columns: [String]) -> [UInt8] {
        self == .csv ? row(columns, columns.map { .text($0) }) : []
    }

    /// One row with the end of its line.
    func row(_ columns: [String], _ cells: [ExportCell]) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        switch self {
        case .ndjson:
            for (column, cell) in zip(columns, cells) {
                line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
                Self.quote(column, to: &line)
                line.append(UInt8(ascii: ":"))
                Self.appendJSON(cell, to: &line)
            }
            line.append(contentsOf: "}\n".utf8)
        case .csv:
            for (index, cell) in cells.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                Self.appendCSV(cell, to: &line)
            }
            line.append(contentsOf: "\r\n".utf8)
        }
        return line
    }

    private static func appendJSON(_ cell: ExportCell, to line: inout [UInt8]) {
        switch cell {
        case .null: line.append(contentsOf: "null".utf8)
        case .text(let text): quote(text, to: &line)
        case .number(let text), .json(let text): line.append(contentsOf: text.utf8)
        case .flag(let isSet): line.append(contentsOf: (isSet ? "true" : "false").utf8)
        }
    }

    private static func appendCSV(_ cell: ExportCell, to line: inout [UInt8]) {
        switch cell {
        case .null: break
        case .text(let text), .number(let text), .json(let text):
            // Bytes, not characters: CR and LF together are one character.
            let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0D && $0 != 0x0A }
            if isPlain {
                line.append(contentsOf: text.utf8)
            } else {
                line.append(0x22)
                for byte in text.utf8 {
                    if byte == 0x22 { line.append(byte) }
                    line.append(byte)
                }
                line.append(0x22)
            }
        case .flag(let isSet): line.append(contentsOf: (isSet ? "true" : "false").utf8)
        }
    }

    /// One JSON string (RFC 8259 section 7).
    private static func quote(_ text: String, to line: inout [UInt8]) {
        line.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: line.append(contentsOf: [0x5C, byte])
            case 0..<0x20: line.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8 + Array(String(byte, radix: 16).utf8))
            default: line.append(byte)
            }
        }
        line.append(0x22)
    }
}
