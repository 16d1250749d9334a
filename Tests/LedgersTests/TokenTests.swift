import Testing

@testable import Ledgers

@Suite struct TokenTests {
    @discardableResult
    private func make(_ ledger: Ledger, _ name: String, expires: Timestamp? = nil, now: Timestamp = .noon) throws -> AccessToken {
        try ledger.createToken(name: name, scopes: .predict, route: nil, expires: expires, author: "ana", now: now).token
    }

    @Test("base64url is that of RFC 4648, without padding")
    func base64() {
        let cases: [(String, String)] = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, coded) in cases { #expect(base64url(Array(plain.utf8)) == coded) }
        #expect(base64url([0xfb, 0xff, 0xfe]) == "-__-")
    }

    @Test("a secret is weir_ and 43 characters, never the same, and stored only as its hash")
    func secret() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        let first = try ledger.createToken(
            name: "a", scopes: [.predict, .view], route: "r", expires: nil, author: "ana", now: .noon)
        let second = try ledger.createToken(name: "b", scopes: .predict, route: nil, expires: nil, author: "ana", now: .noon)
        #expect(first.secret.text.hasPrefix("weir_"))
        #expect(first.secret.text.utf8.count == 48)
        #expect(first.secret.text != second.secret.text)
        #expect(first.token.hash == SHA256.digest(of: first.secret.text.utf8))
        #expect(first.token.hash == TokenSecret.hash(of: Array(first.secret.text.utf8)))
        #expect(try ledger.tokens() == [first.token, second.token])
        #expect(first.token.scopes == [.predict, .view])
        #expect(first.token.route == "r")
        let stored = try ledger.audit().map(\.subject).joined()
        #expect(!stored.contains(first.secret.text.dropFirst(TokenSecret.prefix.count)))
    }

    @Test("a token keeps its rate; the burst is a second's worth unless it is said")
    func rates() throws {
        let ledger = try TestFolder().open()
        let rates: [TokenRate?] = [
            TokenRate(perSecond: 100, burst: 200), TokenRate(perSecond: 0.5), TokenRate(perSecond: 2.5, mode: .observe), nil,
        ]
        for (index, rate) in rates.enumerated() {
            _ = try ledger.createToken(name: "t\(index)", scopes: .predict, route: nil, expires: nil, rate: rate, author: "ana", now: .noon)
        }
        #expect(try ledger.snapshot(now: .noon).tokens.map(\.rate) == rates)
        #expect(rates.map { $0?.burst } == [200, 1, 3, nil])
        #expect(try ledger.verifyAudit().entries == 6)
    }

    @Test(
        "a rate that makes no sense is refused",
        arguments: [
            (TokenRate(perSecond: 0, burst: 1), "rate"), (TokenRate(perSecond: -1, burst: 1), "rate"), (TokenRate(perSecond: .nan, burst: 1), "rate"),
            (TokenRate(perSecond: .infinity), "rate"), (TokenRate(perSecond: 1_000_001), "rate"), (TokenRate(perSecond: 1, burst: 0), "burst"),
            (TokenRate(perSecond: 1, burst: 1_000_001), "burst"),
        ])
    func badRate(rate: TokenRate, key: String) throws {
        let ledger = try TestFolder().open()
        let error = try ledgerError {
            _ = try ledger.createToken(name: "a", scopes: .predict, route: nil, expires: nil, rate: rate, author: "ana", now: .noon)
        }
        guard case .invalid(key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("scopes have names, in listed order, and unknown names are none")
    func scopes() {
        #expect(Scopes.all.names == ["predict", "outcome", "override", "view", "adjust", "admin"])
        #expect(Scopes(name: "adjust") == .adjust)
        #expect(Scopes(name: "root") == nil)
        #expect(Scopes.named.map(\.scope.rawValue) == [1, 2, 4, 8, 16, 32])
    }

    @Test("a name is taken while its token is in force: not after revocation, not after expiry")
    func names() throws {
        let ledger = try TestFolder().open()
        let first = try make(ledger, "a")
        #expect(throws: LedgerError.nameTaken(name: "a", id: first.id)) { try make(ledger, "a") }
        _ = try ledger.revokeToken("a", author: "bo", now: .noon)
        let second = try make(ledger, "a", expires: .noon.advanced(bySeconds: 10))
        #expect(throws: LedgerError.nameTaken(name: "a", id: second.id)) { try make(ledger, "a", now: .noon.advanced(bySeconds: 9)) }
        let third = try make(ledger, "a", now: .noon.advanced(bySeconds: 10))
        #expect([first.id, second.id, third.id] == [1, 2, 3])
    }

    @Test("a token is in force before the moment it expires, and not at it")
    func expiry() throws {
        let ledger = try TestFolder().open()
        let end = Timestamp.noon.advanced(bySeconds: 60)
        let token = try make(ledger, "a", expires: end)
        let before = Timestamp(milliseconds: end.milliseconds - 1)
        #expect(token.isLive(at: before))
        #expect(!token.isLive(at: end))
        #expect(try ledger.snapshot(now: before).tokens == [token])
        #expect(try ledger.snapshot(now: end).tokens.isEmpty)
        #expect(try ledger.tokens() == [token])
    }

    @Test("revoking works by name and by id, once")
    func revoking() throws {
        let ledger = try TestFolder().open()
        try make(ledger, "a")
        try make(ledger, "b")
        let later = Timestamp.noon.advanced(bySeconds: 5)
        #expect(try ledger.revokeToken("b", author: "bo", now: later).revoked == later)
        #expect(try ledger.revokeToken("1", author: "bo", now: later).name == "a")
        #expect(throws: LedgerError.unknownToken(reference: "a", live: [])) { try ledger.revokeToken("a", author: "bo", now: later) }
        #expect(try ledger.snapshot(now: later).tokens.isEmpty)
        #expect(try ledger.tokens().map(\.revoked) == [later, later])
    }

    @Test(
        "values that break a rule are refused with the name of the option",
        arguments: [
            ("", "name"), (" a", "name"), ("a\n", "name"), ("a\u{1f}b", "name"), ("42", "name"),
            (String(repeating: "ü", count: 65), "name"),
        ])
    func badNames(name: String, key: String) throws {
        let ledger = try TestFolder().open()
        let error = try ledgerError { try make(ledger, name) }
        guard case .invalid(key, _) = error else {
            Issue.record("\(name): \(String(describing: error))")
            return
        }
        #expect(try ledger.tokens().isEmpty)
    }

    @Test("an expiry in the past, or more than ten years away, and no scope at all are refused")
    func badTerms() throws {
        let ledger = try TestFolder().open()
        for expires in [Timestamp.noon, Timestamp.noon.advanced(bySeconds: 11 * 366 * 86_400)] {
            guard case .invalid("expires", _) = try ledgerError({ try make(ledger, "a", expires: expires) }) else {
                Issue.record("\(expires)")
                return
            }
        }
        for scopes in [Scopes(), Scopes(rawValue: 64)] {
            let error = try ledgerError {
                _ = try ledger.createToken(name: "a", scopes: scopes, route: nil, expires: nil, author: "ana", now: .noon)
            }
            guard case .invalid("scope", _) = error else {
                Issue.record("\(scopes)")
                return
            }
        }
    }
}
