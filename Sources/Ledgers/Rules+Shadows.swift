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
