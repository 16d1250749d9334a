private import Glibc

/// What one request sends, and what its answer should say.
package struct Row: Equatable {
    /// A JSON object: the row without its label.
    package var body: [UInt8]
    /// The true label, if the row has one.
    package var label: String?
}

/// Reads rows from the file at `path`: CSV if it ends in `.csv`, otherwise one JSON object a line. Empty lines are skipped.
///
/// - Parameter label: the member or column that holds the true label; it is not part of the row.
package func readRows(_ path: String, label: String) throws(ReplayError) -> [Row] {
    let bytes = try readFile(path)
    let content = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]  // a byte order mark, as spreadsheets write
    let rows = path.hasSuffix(".csv") ? try tableRows(content, path, label) : try lineRows(content, path, label)
    guard !rows.isEmpty else { throw .noRows(file: path) }
    return rows
}

/// The rows of newline-delimited JSON. `path` is named in complaints.
func lineRows(_ content: ArraySlice<UInt8>, _ path: String, _ label: String) throws(ReplayError) -> [Row] {
    var rows: [Row] = []
    var number = 0
    var rest = content
    while !rest.isEmpty {
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        let line = rest[..<end]
        rest = rest[min(end + 1, rest.endIndex)...]
        number += 1
        guard line.contains(where: { $0 > 0x20 }) else { continue }
        do throws(JSONObject.Fault) {
            let object = try JSONObject(line)
            rows.append(Row(body: object.removing(label), label: object.text(label)))
        } catch {
            throw .badRow(file: path, line: number, reason: "\(error.reason) at byte \(error.offset + 1)")
        }
        try checkSize(rows.last, path, number)
    }
    return rows
}

/// The rows of a table. `path` is named in complaints.
func tableRows(_ content: ArraySlice<UInt8>, _ path: String, _ label: String) throws(ReplayError) -> [Row] {
    let table: CSVTable
    do throws(CSVTable.Fault) {
        table = try CSVTable(content)
    } catch {
        throw .badRow(file: path, line: error.line, reason: error.reason)
    }
    var rows: [Row] = []
    for (line, cells) in table.records {
        rows.append(table.row(cells, label: label))
        try checkSize(rows.last, path, line)
    }
    return rows
}

private func checkSize(_ row: Row?, _ path: String, _ line: Int) throws(ReplayError) {
    if let row, row.body.count > Limits.rowBytes {
        throw .badRow(file: path, line: line, reason: "\(row.body.count) bytes, \(Limits.rowBytes) at most")
    }
}

/// The bytes of a file of bounded size.
private func readFile(_ path: String) throws(ReplayError) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw .unreadable(file: path, reason: systemReason()) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        bytes += chunk[..<count]
        guard bytes.count <= Limits.fileBytes else { throw .unreadable(file: path, reason: "more than \(Limits.fileBytes) bytes") }
        if count < chunk.count { break }
    }
    guard ferror(file) == 0 else { throw .unreadable(file: path, reason: systemReason()) }
    return bytes
}

/// What the last failed system call says.
func systemReason() -> String { String(cString: strerror(errno)) }
