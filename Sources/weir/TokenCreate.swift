import ArgumentParser
import Foundation
import Ledgers

/// `weir token create`: the secret alone on standard output, what it is on standard error.
struct TokenCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it, once.",
        discussion: """
            Standard output holds the token and nothing else: TOKEN=$(weir token create --name app --scope predict). The ledger keeps \
            only its SHA-256: nobody can print it again.
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Option(help: "What to call it; unique among tokens in force. Required. [WEIR_NAME]")
    var name: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What it may do, see weir token --help. Required, several allowed. [WEIR_SCOPE]", valueName: "scope"))
    var scope: [ScopeArgument] = []

    @Option(help: "The only route it is good for. Default: every route. [WEIR_ROUTE]")
    var route: String?

    @Option(
        help: ArgumentHelp(
            "When it ends: 30m, 12h, 90d, 4w, a date (2027-01-31: as that day begins in UTC) or a time (2027-01-31T18:00:00Z). Default: never. [WEIR_EXPIRES]",
            valueName: "when"))
    var expires: Expiry?

    func run() throws {
        let now = Timestamp.now
        let name = try Flags.required(Flags.value(name, "name"), "name", "what to call the token")
        let scopes = try Flags.values(scope, "scope").reduce(into: Scopes()) { $0.formUnion($1.scopes) }
        guard !scopes.isEmpty else {
            throw ValidationError("missing --scope (or WEIR_SCOPE): one or more of \(Scopes.all.names.joined(separator: ", "))")
        }
        let expires = try Flags.value(expires, "expires")?.moment(from: now)
        let (token, secret) = try state.open(ifAbsent: .create, now: now).createToken(
            name: name, scopes: scopes, route: Flags.value(route, "route"), expires: expires, author: author.name(), now: now)
        Exit.say("token \(token.id) '\(token.name)': \(TokenText.terms(of: token)). It is shown only now.")
        print(secret.text)
    }
}

/// What a token is good for, in words.
enum TokenText {
    static func terms(of token: AccessToken) -> String {
        let scopes = token.scopes.names.joined(separator: ", ")
        let routes = token.route.map { "route \($0)" } ?? "every route"
        return "\(scopes) on \(routes), \(token.expires.map { "until \($0)" } ?? "without end")"
    }

    static func state(of token: AccessToken, at now: Timestamp) -> String {
        if let revoked = token.revoked { return "revoked \(revoked)" }
        return token.isLive(at: now) ? "in force" : "expired"
    }
}
