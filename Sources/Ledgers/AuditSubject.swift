/// What an entry says about a token, a key or a revision, whose row must agree with it for ever, or about outcomes.
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

    /// Names no prediction: what an outcome was about is for the outcome's own row to say, and to forget.
    struct OutcomesReplaced: Codable, Equatable {
        /// How many outcomes of one name were replaced.
        struct Count: Codable, Equatable {
            var route: String
            var outcome: String
            var count: Int
        }

        var replaced: [Count]
    }
}
