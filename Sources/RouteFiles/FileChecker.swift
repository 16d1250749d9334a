import Glibc

/// Computes the SHA-256 of the file at a path, as 64 lower-case hexadecimal digits.
package typealias FileDigest = (_ path: String) throws -> String

/// Checks the files that a route names: they are in its folder, not too large, and models have the digest they are pinned to.
struct FileChecker {
    let folder: String
    let digest: FileDigest
    var remarks = RemarkList()
    /// Digests by absolute path: variants may share a file.
    private var digests: [String: String] = [:]

    init(folder: String, digest: @escaping FileDigest) {
        self.folder = folder
        self.digest = digest
    }

    mutating func check(_ reference: FileReference) {
        switch reference.purpose {
        case .sample:
            guard let path = locate(reference, atMost: Limits.sampleBytes) else { return }
            countRows(path, reference)
        case .model(let pin):
            let path = locate(reference, atMost: Limits.modelBytes)
            compare(pin, with: path.flatMap { digestOfModel($0, reference) }, reference)
        }
    }

    /// The absolute path of a file inside the folder.
    private mutating func locate(_ reference: FileReference, atMost limit: Int) -> String? {
        let path = reference.path
        let fault: String?
        if path.hasPrefix("/") {
            fault = "must be relative to the route's folder, not begin with `/`"
        } else if path.split(separator: "/").contains("..") {
            fault = "must stay in the route's folder, without `..`"
        } else {
            do throws(Disk.Failure) {
                return try existing(reference, atMost: limit)
            } catch .system(ENOENT) {
                fault = "there is no file `\(Spelling.shown(path))` in the route's folder\(hint(for: path))"
            } catch {
                fault = "`\(Spelling.shown(path))` cannot be opened: \(error.reason)"
            }
        }
        if let fault { remarks.add(reference.line, reference.key, fault) }
        return nil
    }

    private mutating func existing(_ reference: FileReference, atMost limit: Int) throws(Disk.Failure) -> String? {
        let home = try Disk.resolved(folder)
        let path = try Disk.resolved(folder + "/" + reference.path)
        let shown = Spelling.shown(reference.path)
        guard path == home || path.hasPrefix(home + "/") else {
            remarks.add(reference.line, reference.key, "`\(shown)` is a link that leads out of the route's folder; put the file there")
            return nil
        }
        guard let entry = Disk.entry(path), entry.kind == .file else {
            remarks.add(reference.line, reference.key, "`\(shown)` is not a file")
            return nil
        }
        guard entry.size > 0 else {
            remarks.add(reference.line, reference.key, "`\(shown)` is empty")
            return nil
        }
        guard entry.size <= limit else {
            let sizes = "\(entry.size) bytes; at most \(Quantity.shown(size: UInt64(limit))) are allowed"
            remarks.add(reference.line, reference.key, "`\(shown)` has \(sizes)")
            return nil
        }
        return path
    }

    /// The file that was perhaps meant.
    private func hint(for path: String) -> String {
        let names = (try? Disk.names(in: folder, atMost: Limits.folderEntries)) ?? []
        return Spelling.hint(for: path, in: names)
    }

    private mutating func digestOfModel(_ path: String, _ reference: FileReference) -> String? {
        if let known = digests[path] { return known }
        do {
            let digest = try self.digest(path).lowercased()
            digests[path] = digest
            return digest
        } catch {
            remarks.add(reference.line, reference.key, "`\(Spelling.shown(reference.path))` cannot be read: \(error)")
            return nil
        }
    }

    private mutating func compare(_ pin: FileReference.Pin, with actual: String?, _ reference: FileReference) {
        let right = actual.map { "; `\(Spelling.shown(reference.path))` has `sha256: \($0)`" } ?? ""
        switch pin.digest {
        case .absent:
            remarks.add(pin.line, pin.key, "is missing; a model is pinned by its digest\(right)")
        case .malformed:
            remarks.add(pin.line, pin.key, "is not a digest of 64 hexadecimal digits\(right)")
        case .given(let given):
            guard let actual, actual != given else { return }
            remarks.add(pin.line, pin.key, "is not the digest of the file\(right); pin that if the change is meant")
        }
    }

    /// Counts lines that are not blank.
    private mutating func countRows(_ path: String, _ reference: FileReference) {
        var rows = 0
        var isBlank = true
        do throws(Disk.Failure) {
            try Disk.pieces(of: path) { piece throws(Disk.Failure) in
                for byte in piece {
                    if byte == UInt8(ascii: "\n") {
                        rows += isBlank ? 0 : 1
                        isBlank = true
                    } else if byte > 0x20 {
                        isBlank = false
                    }
                }
            }
        } catch {
            remarks.add(reference.line, reference.key, "`\(Spelling.shown(reference.path))` cannot be read: \(error.reason)")
            return
        }
        rows += isBlank ? 0 : 1
        let shown = Spelling.shown(reference.path)
        if rows == 0 { remarks.add(reference.line, reference.key, "`\(shown)` has no rows; write one JSON object a line") }
        if rows > Limits.sampleRows {
            remarks.add(reference.line, reference.key, "`\(shown)` has \(rows) rows; at most \(Limits.sampleRows) are allowed")
        }
    }
}
