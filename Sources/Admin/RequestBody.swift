import Foundation

/// The body of a change: one JSON object, each member once and known.
struct RequestBody {
    private let members: [String: JSONValue]

    /// - Parameter known: the members that mean something, in the order in which they are told.
    /// - Throws: what is wrong, with the member.
    init(_ body: [UInt8], takes known: [String]) throws(AdminFault) {
        let listing = known.count == 1 ? known[0] : known.dropLast().joined(separator: ", ") + " and " + (known.last ?? "")
        guard !body.isEmpty else { throw .bodyMalformed("The body is empty; send \(listing).") }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body)) else { throw .bodyMalformed("The body is not JSON.") }
        guard let members = value.members else { throw .bodyMalformed("The body is not a JSON object.") }
        if let name = RepeatedMember.first(in: body) { throw .bodyMalformed("\(name) comes twice.", field: name) }
        if let stranger = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw .bodyMalformed("The body takes \(listing).", field: stranger)
        }
        self.members = members
    }

    /// A member as it came; nil when it did not.
    subscript(name: String) -> JSONValue? { members[name] }

    /// A member that must come and be a string.
    ///
    /// - Parameter hint: what to write there.
    func text(_ name: String, _ hint: String) throws(AdminFault) -> String {
        guard let value = members[name] else { throw .bodyMalformed("\(name) is missing: \(hint).", field: name) }
        guard case .text(let text) = value else { throw .bodyMalformed("\(name) is not a string.", field: name) }
        return text
    }

    /// A member that is a number if it comes.
    func number(_ name: String) throws(AdminFault) -> Double? {
        guard let value = members[name] else { return nil }
        guard case .number(let number) = value else { throw .bodyMalformed("\(name) is not a number.", field: name) }
        return number
    }

    /// A member that is a whole number if it comes.
    func wholeNumber(_ name: String) throws(AdminFault) -> Int64? {
        guard let number = try number(name) else { return nil }
        guard let whole = Int64(exactly: number) else { throw .bodyMalformed("\(name) is not a whole number.", field: name) }
        return whole
    }

    /// A member that is true or false if it comes.
    func truth(_ name: String) throws(AdminFault) -> Bool? {
        guard let value = members[name] else { return nil }
        guard case .truth(let truth) = value else { throw .bodyMalformed("\(name) is not true or false.", field: name) }
        return truth
    }

    /// Why something is changed, for those who wonder later.
    func reason() throws(AdminFault) -> String {
        try text("reason", "say why, for those who read the history")
    }
}

/// As much of a JSON value as changes need.
enum JSONValue: Decodable {
    case number(Double)
    case text(String)
    case object([String: JSONValue])
    case truth(Bool)
    /// A list or null: nothing here takes one.
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let object = try? container.decode([String: JSONValue].self) {
            self = .object(object)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
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
