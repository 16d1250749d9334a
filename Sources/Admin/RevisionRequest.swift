import Ledgers

/// The body of a new revision: `{"weights":{"champion":80,"challenger":20},"reason":"…"}`.
struct RevisionRequest {
    /// In no order: JSON objects have none.
    let weights: [NamedWeight]
    let reason: String

    /// - Throws: what is wrong, with the field.
    init(_ bytes: [UInt8]) throws(AdminFault) {
        let body = try RequestBody(bytes, takes: ["weights", "reason"])
        guard let given = body["weights"] else { throw .bodyMalformed("weights is missing.", field: "weights") }
        guard let weights = given.members else {
            throw .bodyMalformed("weights is an object: the name of each variant with its weight.", field: "weights")
        }
        var named: [NamedWeight] = []
        for (name, value) in weights.sorted(by: { $0.key < $1.key }) {
            guard case .number(let weight) = value else { throw .bodyMalformed("The weight of \(name) is not a number.", field: "weights") }
            named.append(NamedWeight(name, weight))
        }
        self.weights = named
        reason = try body.reason()
    }
}
