import Foundation
import Glibc
import TLS

/// The candidates that passed, kept in files, so that a worker that starts again opens them at once.
///
/// A file is named by the digest of all that a verdict depends on. What it holds is for people; that it is there says that it passed.
/// Only processes of the server's user can write the folder; who can, could replace the program as well.
struct PassRecord: Sendable {
    /// `quarantine` in the state folder; nil: nothing is remembered.
    let folder: String?

    /// Files kept; the oldest go first. Each has some 300 bytes, and the names of its classes.
    static let filesAtMost = 1_024

    /// All that a verdict depends on.
    struct Key: Codable, Hashable, Sendable {
        let sha256: String
        let columns: [String]
        let texts: [Bool]
        let labels: [String]?
        let maxRows: Int
        /// SHA-256 of the sample rows that are run.
        let samples: String
        let runtime: String
        /// The program that tried it: another build tries again.
        let program: String
        var version = QuarantineJob.version
    }

    private struct Entry: Codable {
        let model: String
        let sha256: String
        let runtime: String
        let pass: QuarantinePass
    }

    /// What a candidate of this key is like, when it has passed.
    func pass(_ key: Key) -> QuarantinePass? {
        guard let path = path(of: key), let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
            let entry = try? JSONDecoder().decode(Entry.self, from: data), entry.sha256 == key.sha256, entry.pass.isPossible
        else { return nil }
        return entry.pass
    }

    /// Remembers a pass. A folder that cannot be written costs time at the next start, nothing else.
    func remember(_ key: Key, model: String, _ pass: QuarantinePass) {
        guard let folder, let path = path(of: key) else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let entry = Entry(model: model, sha256: key.sha256, runtime: key.runtime, pass: pass)
        guard var data = try? encoder.encode(entry) else { return }
        data.append(UInt8(ascii: "\n"))
        let rights: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: rights)
        write(data, to: path)
        prune(folder)
    }

    /// Writes a file for the owner's eyes, whole or not at all.
    private func write(_ data: Data, to path: String) {
        let draft = path + ".\(ProcessInfo.processInfo.processIdentifier)"
        guard FileManager.default.createFile(atPath: draft, contents: data, attributes: [.posixPermissions: 0o600]) else { return }
        if rename(draft, path) != 0 { unlink(draft) }
    }

    /// Forgets a pass: the model has shown that it was worth nothing.
    func forget(_ key: Key) {
        guard let path = path(of: key) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    private func path(of key: Key) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let folder, let text = try? encoder.encode(key) else { return nil }
        return folder + "/" + text.withUnsafeBytes { SHA256Digest.hexadecimal(of: $0) } + ".json"
    }

    private func prune(_ folder: String) {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: folder), names.count > Self.filesAtMost else { return }
        let dated = names.map { name in
            let facts = try? files.attributesOfItem(atPath: folder + "/" + name)
            return (date: facts?[.modificationDate] as? Date ?? .distantPast, path: folder + "/" + name)
        }
        for old in dated.sorted(by: { $0.date < $1.date }).dropLast(Self.filesAtMost) { try? files.removeItem(atPath: old.path) }
    }
}
