/// What an entry says about a token, a key, a revision, a fault or a held variant, whose row must agree with it for ever, or about outcomes.
enum AuditSubject {
    struct TokenCreated: Codable, Equatable {
        var id: Int64
        var name: String
        var hash: String
        var scopes: UInt8
        var route: String?
        var expires: Timestamp?
        /// Absent from entries that older programs made, and for tokens without a limit.
        var rate: TokenRate?
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

    struct FaultCreated: Codable, Equatable {
        var id: Int64
        var route: String
        var variant: String
        var kind: String
        var milliseconds: Int64?
        var percent: Double
        var ends: Timestamp
        var reason: String
    }

    struct FaultEnded: Codable, Equatable {
        var id: Int64
        var route: String
        var variant: String
    }

    struct VariantHeld: Codable, Equatable {
        var id: Int64
        var route: String
        var variant: String
        var sha256: String
        var signal: Int32
        var verdict: String
    }

    struct VariantJudged: Codable, Equatable {
        var id: Int64
        var route: String
        var variant: String
        var verdict: String
    }

    struct VariantReleased: Codable, Equatable {
        var id: Int64
        var route: String
        var variant: String
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
