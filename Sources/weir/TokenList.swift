import ArgumentParser
import Foundation
import Ledgers

/// `weir token list`: the tokens without their secrets.
struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the tokens in force, without their secrets.")

    @OptionGroup var state: StateOptions

    @Flag(help: "Also those that are revoked or expired. [WEIR_ALL]")
    var all = false

    @Flag(help: "Print a JSON array instead of a table. [WEIR_JSON]")
    var json = false

    func run() throws {
        let now = Timestamp.now
        let everyOne = try Flags.isSet(all, "all")
        let tokens = try state.open(ifAbsent: .refuse, now: now).tokens().filter { everyOne || $0.isLive(at: now) }
        if try Flags.isSet(json, "json") {
            print(try JSONText.of(tokens.map { TokenAnswer($0, now: now) }))
        } else if tokens.isEmpty {
            Exit.say("no token\(everyOne ? "" : " in force"); `weir token create` makes one")
        } else {
            print(Self.table(of: tokens, now: now))
        }
    }

    static func table(of tokens: [AccessToken], now: Timestamp) -> String {
        TextTable.text(
            header: ["id", "name", "scopes", "route", "rate", "created", "expires", "state"],
            rows: tokens.map { token in
                [
                    "\(token.id)", token.name, token.scopes.names.joined(separator: " "), token.route ?? "every",
                    token.rate.map(TokenText.rate) ?? "any", token.created.description, token.expires?.description ?? "never", TokenText.state(of: token, at: now),
                ]
            })
    }
}

/// A token in the JSON of `weir token list`. Times are ISO 8601; null for none.
private struct TokenAnswer: Encodable {
    var token: AccessToken
    var now: Timestamp

    init(_ token: AccessToken, now: Timestamp) {
        self.token = token
        self.now = now
    }

    private enum Key: String, CodingKey {
        case id, name, scopes, route, rate, created, expires, revoked
        case isLive = "live"
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(token.id, forKey: .id)
        try object.encode(token.name, forKey: .name)
        try object.encode(token.scopes.names, forKey: .scopes)
        try object.encode(token.route, forKey: .route)
        try object.encode(token.rate.map(RateAnswer.init), forKey: .rate)
        try object.encode(token.created.description, forKey: .created)
        try object.encode(token.expires?.description, forKey: .expires)
        try object.encode(token.revoked?.description, forKey: .revoked)
        try object.encode(token.isLive(at: now), forKey: .isLive)
    }
}

/// A token's rate in the same JSON.
private struct RateAnswer: Encodable {
    let perSecond: Double
    let burst: Int
    let mode: String

    private enum CodingKeys: String, CodingKey {
        case perSecond = "per_second"
        case burst, mode
    }

    init(_ rate: TokenRate) {
        perSecond = rate.perSecond
        burst = rate.burst
        mode = rate.mode.rawValue
    }
}
