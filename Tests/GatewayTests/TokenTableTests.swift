import Ledgers
import Primitives
import TLS
import Testing

@testable import Gateway

@Suite("tokens of a plan") struct TokenTableTests {
    private func entry(_ secret: String, scopes: TokenScopes = .predict) -> TokenEntry {
        var words = [UInt64](repeating: 0, count: 4)
        words.withUnsafeMutableBytes { SHA256Digest.write(of: Array(secret.utf8), count: secret.utf8.count, into: $0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
        return TokenEntry(digest: (words[0], words[1], words[2], words[3]), scopes: scopes, route: nil, expires: .max)
    }

    private func index(_ secret: String, in table: TokenTable) -> Int32 { table.index(ofSecret: Array(secret.utf8), count: secret.utf8.count) }

    @Test("every token is found in its place and no other text is one", arguments: [1, 2, 4, 5, 100, 5_000])
    func finds(count: Int) {
        let secrets = (0..<count).map { "weir_\($0)" }
        let table = TokenTable(secrets.map { entry($0) })
        #expect(secrets.map { index($0, in: table) } == (0..<Int32(count)).map { $0 })
        #expect((0..<200).allSatisfy { index("other_\($0)", in: table) == -1 })
        #expect(["", "weir_", "weir_0 ", "WEIR_0", "weir_\(count)"].allSatisfy { index($0, in: table) == -1 })
    }

    @Test("without tokens there is none to find")
    func empty() {
        let table = TokenTable([])
        #expect((0..<100).allSatisfy { index("weir_\($0)", in: table) == -1 })
    }

    @Test("digests that begin alike are told apart, and their chain ends")
    func chains() {
        // Same first word as the real one, so that all fall into one place; the others differ in the last word only.
        let real = entry("weir_real", scopes: .view)
        var tokens = (1...7).map { TokenEntry(digest: (real.digest.0, real.digest.1, real.digest.2, real.digest.3 ^ $0), scopes: .admin, route: nil, expires: 0) }
        let without = TokenTable(tokens)
        #expect(index("weir_real", in: without) == -1)
        tokens.append(real)
        let table = TokenTable(tokens)
        #expect(index("weir_real", in: table) == 7)
        #expect(table.entries[7].scopes == .view)
    }

    @Test("a scope has the same bit in the ledger and in a plan")
    func scopes() {
        let plan: [TokenScopes] = [.predict, .outcome, .override, .view, .adjust, .admin]
        #expect(Scopes.named.map(\.name) == ["predict", "outcome", "override", "view", "adjust", "admin"])
        #expect(Scopes.named.map(\.scope.rawValue) == plan.map(\.rawValue))
    }
}

@Suite("the token that a connection showed last") final class CredentialsTests {
    private let credentials = UnsafeMutablePointer<Credentials>.allocate(capacity: 1)

    init() { credentials.initialize(to: Credentials()) }

    deinit {
        credentials.pointee.free()
        credentials.deallocate()
    }

    private func holds(_ text: [UInt8]) -> Bool { credentials.holds(text, text.count) }

    @Test("only the very same bytes are held", arguments: [1, 7, 8, 9, 48, GatewayLimits.tokenBytes])
    func holdsTheSame(count: Int) {
        let token = (0..<count).map { UInt8(33 + $0 % 90) }
        #expect(!holds(token))
        credentials.keep(token, count, token: 4, generation: 9)
        #expect(holds(token) && credentials.pointee.token == 4 && credentials.pointee.generation == 9)
        #expect(!holds(Array(token.dropLast())) && !holds(token + [65]))
        for place in 0..<count {
            var other = token
            other[place] ^= 1
            #expect(!holds(other), "differs at \(place)")
        }
    }

    @Test("a later token replaces an earlier, longer one")
    func replaced() {
        credentials.keep(Array("weir_longer".utf8), 11, token: 1, generation: 1)
        credentials.keep(Array("weir_x".utf8), 6, token: -1, generation: 2)
        #expect(holds(Array("weir_x".utf8)) && !holds(Array("weir_longer".utf8)) && !holds(Array("weir_xonger".utf8)))
        #expect(credentials.pointee.token == -1 && credentials.pointee.generation == 2)
    }
}
