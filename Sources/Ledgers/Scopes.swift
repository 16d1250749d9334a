/// What a token may do. One bit each, so that the data path checks a scope with one `and`.
package struct Scopes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Ask a route for predictions.
    package static let predict = Scopes(rawValue: 1 << 0)
    /// Report what turned out.
    package static let outcome = Scopes(rawValue: 1 << 1)
    /// Name the variant that shall answer.
    package static let override = Scopes(rawValue: 1 << 2)
    /// Read reports, metrics and history.
    package static let view = Scopes(rawValue: 1 << 3)
    /// Move splits and breakers.
    package static let adjust = Scopes(rawValue: 1 << 4)
    /// Make and revoke tokens.
    package static let admin = Scopes(rawValue: 1 << 5)

    /// Every scope with its name, in the order in which they are listed.
    package static let named: [(name: String, scope: Scopes)] = [
        ("predict", .predict), ("outcome", .outcome), ("override", .override),
        ("view", .view), ("adjust", .adjust), ("admin", .admin),
    ]

    /// All scopes together.
    package static let all = Scopes(named.map(\.scope))

    /// The scope called `name`; nil when there is none.
    package init?(name: String) {
        guard let match = Self.named.first(where: { $0.name == name }) else { return nil }
        self = match.scope
    }

    /// The names of the scopes in this set, in listed order.
    package var names: [String] {
        Self.named.filter { contains($0.scope) }.map(\.name)
    }
}
