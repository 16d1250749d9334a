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
            "When it ends. Default: never. [WEIR_EXPIRES]",
            discussion: "30m, 12h, 90d or 4w from now; 2027-01-31 (as that day begins in UTC) or 2027-01-31T18:00:00Z.",
            valueName: "when"))
    var expires: Expiry?

    @OptionGroup var rates: RateOptions

    func run() throws {
        let now = Timestamp.now
        let name = try Flags.required(Flags.value(name, "name"), "name", "what to call the token")
        let scopes = try Flags.values(scope, "scope").reduce(into: Scopes()) { $0.formUnion($1.scopes) }
        guard !scopes.isEmpty else {
            throw ValidationError("missing --scope (or WEIR_SCOPE): one or more of \(Scopes.all.names.joined(separator: ", "))")
        }
        let expires = try Flags.value(expires, "expires")?.moment(from: now)
        let rate = try rates.limit()
        let ledger = try state.open(ifAbsent: .create, now: now)
        // A route may come later, but more often it is a slip of the pen. Asked first: nothing may fail once the token is made.
        let routes = try ledger.routes()
        let (token, secret) = try ledger.createToken(
            name: name, scopes: scopes, route: Flags.value(route, "route"), expires: expires, rate: rate, author: author.name(), now: now)
        Exit.say("token \(token.id) '\(token.name)': \(TokenText.terms(of: token)). It is shown only now.")
        if let route = token.route, !routes.isEmpty, !routes.contains(route) {
            Exit.say("note: no route '\(route)' has been served so far")
        }
        print(secret.text)
    }
}
