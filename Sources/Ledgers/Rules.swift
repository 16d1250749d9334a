/// What names, reasons, weights and lifetimes must be like before they enter the ledger.
enum Rules {
    /// Not empty, not too long, no control characters (0x1F separates fields in assignment), no blanks at the ends.
    static func check(name: String, key: String) throws(LedgerError) {
        guard !name.isEmpty else { throw .invalid(key: key, reason: "must not be empty") }
        guard name.utf8.count <= Limits.nameBytes else {
            throw .invalid(key: key, reason: "is \(name.utf8.count) bytes long; at most \(Limits.nameBytes)")
        }
        try checkText(name, key: key)
    }

    /// A name that cannot be taken for an id.
    static func check(tokenName: String) throws(LedgerError) {
        try check(name: tokenName, key: "name")
        guard !tokenName.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalid(key: "name", reason: "'\(tokenName)' reads as an id; use at least one letter")
        }
    }

    /// A name that is not the one of route files.
    static func check(author: String) throws(LedgerError) {
        try check(name: author, key: "author")
        guard author != RevisionEntry.fileAuthor else {
            throw .invalid(key: "author", reason: "'\(author)' stands for the route file; give your own name")
        }
    }

    static func check(reason: String) throws(LedgerError) {
        guard !reason.isEmpty else { throw .invalid(key: "why", reason: "must not be empty") }
        guard reason.utf8.count <= Limits.reasonBytes else {
            throw .invalid(key: "why", reason: "is \(reason.utf8.count) bytes long; at most \(Limits.reasonBytes)")
        }
        try checkText(reason, key: "why")
    }

    static func check(scopes: Scopes) throws(LedgerError) {
        guard !scopes.isEmpty, scopes.isSubset(of: .all) else {
            throw .invalid(key: "scope", reason: "give at least one of \(Scopes.all.names.joined(separator: ", "))")
        }
    }

    static func check(expires: Timestamp, now: Timestamp) throws(LedgerError) {
        guard expires > now else { throw .invalid(key: "expires", reason: "\(expires) is not in the future") }
        let latest = now.advanced(bySeconds: Limits.tokenLifetimeYears * 366 * 86_400)
        guard expires <= latest else {
            throw .invalid(key: "expires", reason: "\(expires) is more than \(Limits.tokenLifetimeYears) years away")
        }
    }

    static func check(rate: TokenRate) throws(LedgerError) {
        guard Limits.ratePerSecond.contains(rate.perSecond) else {
            let bounds = "from \(Limits.ratePerSecond.lowerBound) to \(Int(Limits.ratePerSecond.upperBound)) requests a second"
            throw .invalid(key: "rate", reason: "is \(rate.perSecond); a rate is \(bounds)")
        }
        guard Limits.rateBurst.contains(rate.burst) else {
            let bounds = "from \(Limits.rateBurst.lowerBound) to \(Limits.rateBurst.upperBound) requests at once"
            throw .invalid(key: "burst", reason: "is \(rate.burst); a burst is \(bounds)")
        }
    }

    static func check(fault: FaultKind, percent: Double, seconds: Int64) throws(LedgerError) {
        guard percent > 0, percent <= 100 else {
            throw .invalid(key: "share", reason: "is \(percent) %; a share is above 0 and at most 100 %")
        }
        guard Limits.faultSeconds.contains(seconds) else {
            throw .invalid(key: "for", reason: "is \(seconds) s; a fault lasts from \(Limits.faultSeconds.lowerBound) s to an hour")
        }
        guard let delay = fault.milliseconds else { return }
        guard Limits.faultDelay.contains(delay) else {
            let bounds = "from \(Limits.faultDelay.lowerBound) ms to \(Limits.faultDelay.upperBound / 1_000) s"
            throw .invalid(key: "delay", reason: "is \(delay) ms; a delay is \(bounds)")
        }
    }

    /// 64 lower-case hexadecimal digits.
    static func check(sha256: String) throws(LedgerError) {
        guard sha256.utf8.count == 64, sha256.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw .invalid(key: "sha256", reason: "is not a digest of 64 lower-case hexadecimal digits")
        }
    }

    static func check(verdict: String) throws(LedgerError) {
        guard !verdict.isEmpty, verdict.utf8.count <= Limits.verdictBytes else {
            throw .invalid(key: "verdict", reason: "is \(verdict.utf8.count) bytes long; from 1 to \(Limits.verdictBytes)")
        }
        try checkText(verdict, key: "verdict")
    }

    /// A split: at least one variant, each once, weights finite and not negative, one of them above 0.
    static func check(weights: [NamedWeight]) throws(LedgerError) {
        guard !weights.isEmpty else { throw .invalid(key: "weights", reason: "name at least one variant") }
        guard weights.count <= Limits.variantsPerRoute else {
            throw .invalid(key: "weights", reason: "\(weights.count) variants; at most \(Limits.variantsPerRoute)")
        }
        var seen: Set<String> = []
        for entry in weights {
            try check(name: entry.name, key: "variant")
            guard seen.insert(entry.name).inserted else {
                throw .invalid(key: "weights", reason: "variant '\(entry.name)' is named twice")
            }
            guard entry.weight == 0 || Limits.weight.contains(entry.weight) else {
                let range = "0, or from \(Limits.weight.lowerBound) to \(Int(Limits.weight.upperBound))"
                throw .invalid(key: "weights", reason: "'\(entry.name)' has \(entry.weight); a weight is \(range)")
            }
        }
        guard weights.contains(where: { $0.weight > 0 }) else {
            throw .invalid(key: "weights", reason: "every weight is 0; one variant must answer")
        }
    }

    private static func checkText(_ text: String, key: String) throws(LedgerError) {
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(key: key, reason: "has a control character or a line break")
        }
        guard text.first?.isWhitespace == false, text.last?.isWhitespace == false else {
            throw .invalid(key: key, reason: "begins or ends with a blank")
        }
    }
}
