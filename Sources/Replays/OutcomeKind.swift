/// An outcome that a replay sends back for every row that has a label, as `--outcome` names it.
struct OutcomeKind: Equatable {
    /// As the route file declares it.
    let name: String
    /// Whether the true label itself is sent; else 1 if the answered label equals it, 0 if not.
    let sendsLabel: Bool

    /// Reads `NAME` or `NAME=label`. Throws if it is neither, or no outcome can have the name.
    init(_ text: String) throws(ReplayError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 1 || parts[1] == "label" else {
            throw .badOption(name: "--outcome", reason: "'\(text)' is neither NAME nor NAME=label")
        }
        name = String(parts[0])
        sendsLabel = parts.count == 2
        guard (1...Limits.outcomeNameBytes).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .badOption(name: "--outcome", reason: "'\(name)' is not the name of an outcome")
        }
    }

    /// All that `texts` name. Throws if one cannot be used, comes twice, or a route cannot have so many.
    static func list(_ texts: [String]) throws(ReplayError) -> [OutcomeKind] {
        guard texts.count <= Limits.outcomeNames else {
            throw .badOption(name: "--outcome", reason: "\(texts.count) are named, \(Limits.outcomeNames) at most")
        }
        var kinds: [OutcomeKind] = []
        for text in texts {
            let kind = try OutcomeKind(text)
            guard !kinds.contains(where: { $0.name == kind.name }) else {
                throw .badOption(name: "--outcome", reason: "'\(kind.name)' is named twice")
            }
            kinds.append(kind)
        }
        return kinds
    }

    /// One outcome as JSON: of the prediction `id`, which answered `answered` where `truth` was right.
    func item(id: String, answered: String?, truth: String) -> [UInt8] {
        let value = sendsLabel ? quotedText(truth) : [UInt8(ascii: answered == truth ? "1" : "0")]
        var item = Array(#"{"prediction":"#.utf8) + quotedText(id)
        item += Array(#","name":"#.utf8) + quotedText(name)
        item += Array(#","value":"#.utf8) + value
        item.append(UInt8(ascii: "}"))
        return item
    }
}
