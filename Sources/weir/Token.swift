import ArgumentParser
import Foundation
import Ledgers

/// `weir token`: who may call.
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke the tokens that clients send.",
        discussion: """
            A token is a secret that a client sends as "Authorization: Bearer weir_…". Its scopes say what it may do:

            predict    ask for predictions
            outcome    report what turned out
            override   name the variant that shall answer (x-weir-variant)
            view       read reports, metrics and history
            adjust     move splits and breakers
            admin      make and revoke tokens

            A running server follows within a second. Two tokens may be in force at once: to rotate one, make the new one, change the \
            clients, revoke the old one.
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
