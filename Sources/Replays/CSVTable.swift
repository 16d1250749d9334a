/// Comma-separated values (RFC 4180) as rows: the first line names the members, each further line is an object.
///
/// An unquoted cell that JSON would read as a number goes out as that number, `true`/`false` (and Python's `True`/`False`) as booleans, an
/// empty one as null; every other cell, and every quoted one, is text.
struct CSVTable {
    struct Cell: Equatable {
        var text: String
        var isQuoted: Bool
    }

    /// Why the text is no table, and the line.
    struct Fault: Error, Equatable {
        let line: Int
        let reason: String
    }

    let header: [String]
    /// Each with the number of the line it begins on.
    let records: [(line: Int, cells: [Cell])]

    init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var reader = CSVReader(rest: bytes)
        var records: [(line: Int, cells: [Cell])] = []
        while let record = try reader.record() {
            if record.cells != [Cell(text: "", isQuoted: false)] { records.append(record) }  // an empty line is no row
        }
        header = records.first?.cells.map(\.text) ?? []
        self.records = Array(records.dropFirst())
        for (line, cells) in self.records where cells.count != header.count {
            throw Fault(line: line, reason: "\(cells.count) cells, but the header names \(header.count)")
        }
    }

    /// A record as a row; the column called `label` becomes its label.
    func row(_ cells: [Cell], label: String) -> Row {
        var body: [UInt8] = [UInt8(ascii: "{")]
        var truth: String?
        for (name, cell) in zip(header, cells) {
            if name == label {
                truth = cell.text.isEmpty ? nil : cell.text
                continue
            }
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            body += quotedText(name)
            body.append(UInt8(ascii: ":"))
            body += value(of: cell)
        }
        body.append(UInt8(ascii: "}"))
        return Row(body: body, label: truth)
    }

    private func value(of cell: Cell) -> [UInt8] {
        guard !cell.isQuoted else { return quotedText(cell.text) }
        switch cell.text {
        case "": return Array("null".utf8)
        case "true", "True": return Array("true".utf8)
        case "false", "False": return Array("false".utf8)
        case let text where isJSONNumber(text): return Array(text.utf8)
        default: return quotedText(cell.text)
        }
    }
}

/// Takes one record after another from the bytes of a table.
private struct CSVReader {
    var rest: ArraySlice<UInt8>
    var line = 1

    /// The next record, or nil at the end.
    mutating func record() throws(CSVTable.Fault) -> (line: Int, cells: [CSVTable.Cell])? {
        guard !rest.isEmpty else { return nil }
        let start = line
        var cells: [CSVTable.Cell] = []
        while true {
            cells.append(rest.first == UInt8(ascii: "\"") ? try quotedCell() : plainCell())
            switch rest.popFirst() {
            case UInt8(ascii: ","): continue
            case nil: return (start, cells)
            default:
                line += 1
                return (start, cells)
            }
        }
    }

    /// Up to the next comma or line end; a carriage return before the end is not part of it.
    private mutating func plainCell() -> CSVTable.Cell {
        let end = rest.firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n") } ?? rest.endIndex
        var text = rest[..<end]
        if end == rest.endIndex || rest[end] == UInt8(ascii: "\n"), text.last == UInt8(ascii: "\r") { text.removeLast() }
        rest = rest[end...]
        return CSVTable.Cell(text: String(decoding: text, as: UTF8.self), isQuoted: false)
    }

    /// Up to the closing quote; a doubled quote stands for one.
    private mutating func quotedCell() throws(CSVTable.Fault) -> CSVTable.Cell {
        let start = line
        var text: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte != UInt8(ascii: "\"") {
                text.append(byte)
                continue
            }
            guard rest.first != UInt8(ascii: "\"") else {
                text.append(rest.removeFirst())
                continue
            }
            if rest.first == UInt8(ascii: "\r") { rest.removeFirst() }
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") || rest.first == UInt8(ascii: "\n") else {
                throw CSVTable.Fault(line: line, reason: "something follows a closing quote")
            }
            return CSVTable.Cell(text: String(decoding: text, as: UTF8.self), isQuoted: true)
        }
        throw CSVTable.Fault(line: start, reason: "a quoted cell is not closed")
    }
}
