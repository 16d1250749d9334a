import Foundation
import Ledgers

/// The body of a new revision: `{"weights":{"champion":80,"challenger":20},"reason":"…"}`.
struct RevisionRequest {
    /// In no order: JSON objects have none.
    let weights: [NamedWeight]
    let reason: String

    /// - Throws: what is wrong, with the field.
    init(_ body: [UInt8]) throws(AdminFault) {
        let object = try Self.object(body)
        if let stranger = object.keys.sorted().first(where: { $0 != "weights" && $0 != "reason" }) {
            throw .bodyMalformed("The body takes weights and reason.", field: stranger)
        }
        guard let given = object["weights"] else { throw .bodyMalformed("weights is missing.", field: "weights") }
        guard let weights = given.members else {
            throw .bodyMalformed("weights is an object: the name of each variant with its weight.", field: "weights")
        }
        var named: [NamedWeight] = []
        for (name, value) in weights.sorted(by: { $0.key < $1.key }) {
            guard case .number(let weight) = value else { throw .bodyMalformed("The weight of \(name) is not a number.", field: "weights") }
            named.append(NamedWeight(name, weight))
        }
        guard let text = object["reason"] else { throw .bodyMalformed("reason is missing: say why, for those who read the history.", field: "reason") }
        guard case .text(let reason) = text else { throw .bodyMalformed("reason is not a string.", field: "reason") }
        self.weights = named
        self.reason = reason
    }

    private static func object(_ body: [UInt8]) throws(AdminFault) -> [String: JSONValue] {
        guard !body.isEmpty else { throw .bodyMalformed("The body is empty; send weights and reason.") }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body)) else { throw .bodyMalformed("The body is not JSON.") }
        guard let object = value.members else { throw .bodyMalformed("The body is not a JSON object.") }
        if let name = RepeatedMember.first(in: body) { throw .bodyMalformed("\(name) comes twice.", field: name) }
        return object
    }
}

/// As much of a JSON value as a revision needs.
private enum JSONValue: Decodable {
    case number(Double)
    case text(String)
    case object([String: JSONValue])
    /// A list, a truth value or null: nothing here takes one.
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let object = try? container.decode([String: JSONValue].self) {
            self = .object(object)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }

    var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }
}
