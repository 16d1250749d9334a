import ArgumentParser
import Ledgers

/// `weir token revoke`: from now on the token answers 401.
struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a token; a running server refuses it within a second.")

    @OptionGroup var state: StateOptions
    @OptionGroup var author: AuthorOptions

    @Argument(help: ArgumentHelp("Name or number of a token in force.", valueName: "name-or-id"))
    var reference: String

    func run() throws {
        let now = Timestamp.now
        let token = try state.open(ifAbsent: .refuse, now: now).revokeToken(reference, author: author.name(), now: now)
        print("token \(token.id) '\(token.name)' is revoked")
    }
}
