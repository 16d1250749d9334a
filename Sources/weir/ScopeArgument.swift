import ArgumentParser
import Ledgers

/// A word of `--scope`: one scope, or several with commas.
struct ScopeArgument: ExpressibleByArgument, Equatable {
    var scopes: Scopes

    init?(argument: String) {
        scopes = []
        for name in argument.split(separator: ",") {
            guard let scope = Scopes(name: String(name)) else { return nil }
            scopes.insert(scope)
        }
        if scopes.isEmpty { return nil }
    }

    static var allValueStrings: [String] { Scopes.all.names }
}
