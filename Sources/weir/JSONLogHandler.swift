import Foundation
import Gateway
import Logging

/// Makes each event a line of JSON with the names of the Elastic Common Schema, and hands it to the log. What the schema has no name for is
/// under `weir.`.
struct JSONLogHandler: LogHandler {
    let label: String
    let log: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(label: String, log: LogLines) {
        self.label = label
        self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.post(Self.line(
            at: Date(), level: event.level, message: "\(event.message)", label: label, facts: metadata.merging(event.metadata ?? [:]) { $1 }))
    }

    /// One line, with its line feed.
    static func line(at moment: Date, level: Logger.Level, message: String, label: String, facts: Logger.Metadata) -> String {
        var line = "{\"@timestamp\":\"\(moment.formatted(time))\",\"log.level\":\"\(level)\",\"message\":\(JSONText.quoted(message))"
        line += constants + ",\"log.logger\":\(JSONText.quoted(label))"
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            // A name with a dot is one of the schema's.
            line += ",\(JSONText.quoted(key.contains(".") ? key : LogFields.own + key)):\(json(value))"
        }
        return line + "}\n"
    }

    private static let constants = LogFields.constants(version: Version.text, dataset: "weir.server", category: "process", type: "info")
    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONText.quoted(text)
        case .stringConvertible(let value):
            value is any Numeric ? "\(value)" : JSONText.quoted("\(value)")
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
        }
    }
}
