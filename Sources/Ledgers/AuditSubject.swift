/// What an entry says about a token, a key or a revision. The row it made must agree with it for ever.
enum AuditSubject {
    struct TokenCreated: Codable, Equatable {
        var id: Int64
        var name: String
        var hash: String
        var scopes: UInt8
        var route: String?
        var expires: Timestamp?
    }

    struct TokenRevoked: Codable, Equatable {
        var id: Int64
        var name: String
    }

    struct KeyCreated: Codable, Equatable {
        var purpose: String
        var number: Int
    }

    struct RevisionCreated: Codable, Equatable {
        var route: String
        var number: UInt32
        var weights: [NamedWeight]
        var reason: String
    }
}
