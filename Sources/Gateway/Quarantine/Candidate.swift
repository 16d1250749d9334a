import Inference
import RouteFiles
import TLS

/// A model file as one contract would use it, before anybody has opened it.
struct Candidate: Sendable {
    /// Where the file is; for messages too.
    let path: String
    let sha256: String
    let columns: [Column]
    /// The classes that the route file names; nil: the model's own.
    let labels: [String]?
    let maxRows: Int
    /// What it has to answer.
    let samples: SampleRows

    /// - Parameters:
    ///   - model: the file of a variant or shadow, relative to the route's folder.
    ///   - sha256: the digest that it is pinned to.
    init(_ file: RouteFile, model: String, sha256: String, samples: SampleRows) {
        self.init(file, path: file.folder + "/" + model, sha256: sha256, samples: samples)
    }

    /// - Parameters:
    ///   - path: a model that the file does not name, wherever it lies.
    ///   - sha256: its digest.
    init(_ file: RouteFile, path: String, sha256: String, samples: SampleRows) {
        self.path = path
        self.sha256 = sha256
        columns = file.input.map { Column(name: $0.name, isText: $0.type == .string) }
        labels = file.labels.isEmpty ? nil : file.labels
        maxRows = max(GatewayLimits.rowsPerCall, file.maximumRows)
        self.samples = samples
    }

    /// The first 8 bytes of its digest, as thread slots name a model.
    var model: UInt64 { UInt64(sha256.prefix(16), radix: 16) ?? 0 }

    /// Reads the file, which may have changed since its digest was compared.
    /// - Throws: `InferenceError` naming the file.
    func read() throws(InferenceError) -> FileBytes {
        let bytes: FileBytes
        do { bytes = try FileBytes(path) } catch { throw .fileRefused(file: path, reason: "\(error)") }
        let digest = bytes.withBytes { SHA256Digest.hexadecimal(of: $0) }
        guard digest == sha256 else { throw .fileRefused(file: path, reason: "it changed while it was read") }
        return bytes
    }
}
