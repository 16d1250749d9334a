extension Rules {
    /// What a route lists as shadows: names, each once, models by their digests, and numbers within their bounds.
    static func check(shadows: [ShadowDeclaration]) throws(LedgerError) {
        guard shadows.count <= Limits.shadowsPerRoute else {
            throw .invalid(key: "shadows", reason: "\(shadows.count) of them; at most \(Limits.shadowsPerRoute)")
        }
        var seen: Set<String> = []
        for shadow in shadows {
            try check(name: shadow.name, key: "shadow")
            guard seen.insert(shadow.name).inserted else { throw .invalid(key: "shadows", reason: "'\(shadow.name)' is named twice") }
            try check(sha256: shadow.sha256)
            try check(percent: shadow.percent, key: "percent", of: shadow)
            try check(percent: shadow.limit, key: "limit", of: shadow)
            guard shadow.tolerance > 0, shadow.tolerance.isFinite else {
                throw .invalid(key: "tolerance", reason: "'\(shadow.name)' has \(shadow.tolerance); a tolerance is above 0")
            }
            try check(follow: shadow.follow)
        }
    }

    /// An example: what names it, a divergence that can be put in order, and the key of a prediction.
    static func check(_ example: ShadowExample) throws(LedgerError) {
        try check(name: example.route, key: "route")
        try check(name: example.shadow, key: "shadow")
        try check(name: example.variant, key: "variant")
        try check(sha256: example.sha256)
        guard example.key.count == PredictionRecord.keyBytes else {
            throw .invalid(key: "key", reason: "has \(example.key.count) bytes; a prediction's has \(PredictionRecord.keyBytes)")
        }
        // Infinite is one: of a shadow that answers no number at all.
        guard example.divergence >= 0 else {
            throw .invalid(key: "divergence", reason: "is \(example.divergence); a divergence is 0 or above")
        }
    }

    private static func check(percent: Double, key: String, of shadow: ShadowDeclaration) throws(LedgerError) {
        guard percent >= 0, percent <= 100 else {
            throw .invalid(key: key, reason: "'\(shadow.name)' has \(percent) %; from 0 to 100 %")
        }
    }

    /// Variants, or other shadows of the route for when those are live.
    private static func check(follow names: [String]) throws(LedgerError) {
        let limit = Limits.variantsPerRoute + Limits.shadowsPerRoute
        guard names.count <= limit else { throw .invalid(key: "follow", reason: "\(names.count) names; at most \(limit)") }
        var seen: Set<String> = []
        for name in names {
            try check(name: name, key: "follow")
            guard seen.insert(name).inserted else { throw .invalid(key: "follow", reason: "'\(name)' is named twice") }
        }
    }
}
