import Foundation
import Ledgers
import Primitives
import Testing

@testable import Gateway

/// The route trees with the champion tensor-string (90) and the challenger forest (10), and four rows whose answers Python has written down.
struct OfflineRig {
    let folder: TestFolder
    var routes: String { folder.routes }

    /// The columns a, b, c and d.
    static let rows: [[Double]] = [[1.83, 0, -0.06, 6.44], [-0.77, 0.31, 1.46, 4.39], [1.03, 1.8, 0, 7.82], [0.39, 2.69, 2.49, 7.72]]
    static let labels = ["oak", "pine", "willow"]
    /// What onnxruntime answered in Python (Fixtures/models/expected.json).
    static let champion: [[Double]] = [
        [0.042068426, 0.9570165, 0.0009150653], [0.9982415, 8.598758e-05, 0.0016724844], [0.0047160764, 0.9429019, 0.05238199],
        [0.00086366164, 0.0023665277, 0.9967698],
    ]
    static let forest: [[Double]] = [
        [0.0018115942, 0.996664, 0.0015243902], [0.994593, 0.0029069767, 0.0025], [0.18261516, 0.79952765, 0.017857144],
        [0.001953125, 0.0014044944, 0.99664235],
    ]
    static let answered = ["pine", "oak", "pine", "willow"]

    init(_ route: RouteText? = nil) throws {
        folder = try TestFolder()
        try folder.write(try route ?? .pair())
    }

    /// A comparison with a fixture's model that lies outside of the route.
    func comparison(_ model: String, name: String = "trees") throws -> OfflineComparison {
        try comparison(Rig.model(model), called: model, name: name)
    }

    func comparison(_ bytes: [UInt8], called file: String, name: String = "trees", milliseconds: UInt64 = 5_000) throws -> OfflineComparison
    {
        let path = "\(folder.path)/\(file).onnx"
        try Data(bytes).write(to: URL(filePath: path))
        var limits = GatewayLimits()
        limits.quarantineTime = milliseconds * 1_000_000
        return try OfflineComparison(
            routes: routes, route: name, model: path, onnxRuntime: nil, executable: #filePath, limits: limits,
            program: QuarantineRig.program)
    }

    static func body(_ row: [Double], more: String = "") -> String {
        "{" + zip(["a", "b", "c", "d"], row).map { "\"\($0)\":\($1)" }.joined(separator: ",") + more + "}"
    }

    /// The four rows with these labels.
    static func labelled(_ labels: [String?] = [nil, nil, nil, nil]) -> [LabelledRow] {
        zip(rows, labels).map { LabelledRow(body: Array(body($0, more: ",\"extra\":[1]").utf8), label: $1) }
    }

    // MARK: - The prediction log

    static let noon = Timestamp(milliseconds: 1_700_000_000_000)

    /// A prediction of a row as the champion answered it.
    static func record(
        _ number: Int, served: String = "champion", status: UInt16 = 200, revision: UInt32 = 1, input: String?? = nil, answer: String? = nil
    )
        -> PredictionRecord
    {
        let row = number % 4
        let probabilities = zip(labels, champion[row]).map { "\"\($0)\":\(Float($1))" }.joined(separator: ",")
        return PredictionRecord(
            key: PredictionRecord.key(nonce: 7, reactor: 1, sequence: UInt64(number)), route: "trees",
            at: noon.advanced(bySeconds: Int64(number)), unit: nil,
            assigned: served, served: served, revision: revision, reason: .assigned, status: status, latencyMicroseconds: 100, label: nil,
            scores: [],
            answer: answer ?? (status == 200 ? "{\"label\":\"\(answered[row])\",\"probabilities\":{\(probabilities)}}" : "model-failed"),
            input: input ?? body(rows[row]))
    }

    /// Lets a true label come for a prediction.
    static func say(_ truth: String, of number: Int, in ledger: Ledger) throws {
        let rule = OutcomeRule(name: "kind", kind: .label, windowMilliseconds: 60_000, classes: ["": labels])
        let declaration = try ledger.declare(route: "trees", outcomes: [rule], sliceMilliseconds: 1_000, now: noon)
        let id = PredictionID(
            route: NameHash(value: 1), assigned: NameHash(value: 2), served: NameHash(value: 2), revision: 1, reason: .assigned, flags: [],
            label: 0,
            time: UInt64(noon.milliseconds), unit: 5, nonce: 7, reactor: 1, sequence: UInt64(number))
        _ = try ledger.record(
            [
                OutcomeEntry(
                    id: id, route: "trees", assigned: "champion", served: "champion", name: "kind", declaration: declaration,
                    windowMilliseconds: 60_000,
                    value: 1_000_000, truth: truth, truthIndex: labels.firstIndex(of: truth), receivedAt: noon, author: "shop")
            ], now: noon)
    }
}
