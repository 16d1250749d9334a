import GRDB

extension Ledger {
    /// Makes a token and gives its secret, which nothing can show again.
    ///
    /// - Parameters:
    ///   - name: unique among tokens in force; not only digits, which would read as an id.
    ///   - scopes: at least one.
    ///   - route: the only route it is good for; nil for every route. The route need not exist yet.
    ///   - expires: a moment after `now`; nil for never.
    ///   - rate: how fast it may ask for predictions; nil for no limit of its own.
    /// - Throws: `invalid`, `nameTaken`, `tooManyTokens`, and the faults of the file.
    package func createToken(
        name: String, scopes: Scopes, route: String?, expires: Timestamp?, rate: TokenRate? = nil, author: String, now: Timestamp
    ) throws(LedgerError) -> (token: AccessToken, secret: TokenSecret) {
        try Rules.check(tokenName: name)
        try Rules.check(author: author)
        if let route { try Rules.check(name: route, key: "route") }
        try Rules.check(scopes: scopes)
        if let expires { try Rules.check(expires: expires, now: now) }
        if let rate { try Rules.check(rate: rate) }
        let secret = TokenSecret.random()
        let token = try change { db in
            let live = try Self.liveTokens(db, now: now)
            if let holder = live.first(where: { $0.name == name }) { throw LedgerError.nameTaken(name: name, id: holder.id) }
            guard live.count < Limits.liveTokens else { throw LedgerError.tooManyTokens(limit: Limits.liveTokens) }
            let id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM tokens") ?? 1
            let token = AccessToken(
                id: id, name: name, hash: secret.hash, scopes: scopes, route: route, created: now, expires: expires, revoked: nil,
                rate: rate)
            let audit = try Self.appendAudit(db, .tokenCreated, Self.subject(of: token), author: author, at: now)
            try Self.insert(token, audit: audit, db)
            return token
        }
        return (token, secret)
    }

    /// Revokes the token in force that has this id or this name. From now on it answers 401; its name is free.
    ///
    /// - Throws: `unknownToken`, and the faults of the file.
    package func revokeToken(_ reference: String, author: String, now: Timestamp) throws(LedgerError) -> AccessToken {
        try Rules.check(author: author)
        return try change { db in
            let live = try Self.liveTokens(db, now: now)
            guard var token = live.first(where: { $0.name == reference || String($0.id) == reference }) else {
                throw LedgerError.unknownToken(reference: reference, live: live.map(\.name))
            }
            token.revoked = now
            let subject = AuditSubject.TokenRevoked(id: token.id, name: token.name)
            _ = try Self.appendAudit(db, .tokenRevoked, subject, author: author, at: now)
            try db.execute(sql: "UPDATE tokens SET revoked = ? WHERE id = ?", arguments: [now.milliseconds, token.id])
            return token
        }
    }

    /// Every token ever made, by id: also those revoked and expired.
    package func tokens() throws(LedgerError) -> [AccessToken] {
        try read { db in try Row.fetchAll(db, sql: "SELECT * FROM tokens ORDER BY id").map(Self.token) }
    }

    /// The tokens that are good at `now`, by id.
    static func liveTokens(_ db: Database, now: Timestamp) throws -> [AccessToken] {
        let sql = "SELECT * FROM tokens WHERE revoked IS NULL AND (expires IS NULL OR expires > ?) ORDER BY id"
        return try Row.fetchAll(db, sql: sql, arguments: [now.milliseconds]).map(token)
    }

    static func subject(of token: AccessToken) -> AuditSubject.TokenCreated {
        AuditSubject.TokenCreated(
            id: token.id, name: token.name, hash: hexadecimal(token.hash), scopes: token.scopes.rawValue, route: token.route,
            expires: token.expires, rate: token.rate)
    }

    static func token(_ row: Row) throws -> AccessToken {
        try AccessToken(
            id: row.value("id"), name: row.value("name"), hash: bytes(row.value("hash")),
            scopes: Scopes(rawValue: row.value("scopes")), route: row.value("route"),
            created: Timestamp(milliseconds: row.value("created")),
            expires: row.value("expires", as: Int64?.self).map(Timestamp.init(milliseconds:)),
            revoked: row.value("revoked", as: Int64?.self).map(Timestamp.init(milliseconds:)), rate: rate(row))
    }

    /// What a row says about its token's rate; nil for no limit.
    private static func rate(_ row: Row) throws -> TokenRate? {
        guard let perSecond = try row.value("rate", as: Double?.self) else { return nil }
        let mode: String = try row.value("rate_mode")
        guard let known = TokenRate.Mode(rawValue: mode) else { throw StoredFault("a rate in mode '\(mode)'") }
        return TokenRate(perSecond: perSecond, burst: try row.value("burst"), mode: known)
    }

    private static func insert(_ token: AccessToken, audit: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO tokens (id, name, hash, scopes, route, created, expires, rate, burst, rate_mode, audit)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                token.id, token.name, blob(token.hash), token.scopes.rawValue, token.route, token.created.milliseconds,
                token.expires?.milliseconds, token.rate?.perSecond, token.rate?.burst, token.rate?.mode.rawValue, audit,
            ])
    }
}
