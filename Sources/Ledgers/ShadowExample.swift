import GRDB

/// A prediction on which a shadow differed from its primary, with both answers.
package struct ShadowExample: Sendable, Equatable {
    package var route: String
    package var shadow: String
    /// Digest of the shadow's model.
    package var sha256: String
    /// The primary: the variant that the prediction was assigned to.
    package var variant: String
    package var revision: UInt32
    /// Bytes 36..<50 of the prediction id, as in ``PredictionRecord``.
    package var key: [UInt8]
    /// Keyed hash of the unit; nil when the request named none.
    package var unit: UInt64?
    /// When it was predicted.
    package var at: Timestamp
    /// How much the answers differ, 0 or above; infinite where the shadow's is no answer.
    package var divergence: Double
    /// The primary's answer as a JSON object, or the code of its error.
    package var answer: String
    /// The shadow's.
    package var shadowAnswer: String
    /// The contract's fields as a JSON object, without those that are `private: true`. Nil for none.
    package var input: String?

    package init(
        route: String, shadow: String, sha256: String, variant: String, revision: UInt32, key: [UInt8], unit: UInt64?, at: Timestamp,
        divergence: Double, answer: String, shadowAnswer: String, input: String?
    ) {
        self.route = route
        self.shadow = shadow
        self.sha256 = sha256
        self.variant = variant
        self.revision = revision
        self.key = key
        self.unit = unit
        self.at = at
        self.divergence = divergence
        self.answer = answer
        self.shadowAnswer = shadowAnswer
        self.input = input
    }
}

extension ShadowExample {
    /// - Throws: when a column holds what does not fit.
    init(_ row: Row) throws {
        try self.init(
            route: row.value("route"), shadow: row.value("shadow"), sha256: row.value("sha256"), variant: row.value("variant"),
            revision: row.value("revision"), key: bytes(row.value("key")),
            unit: row.value("unit", as: Int64?.self).map(UInt64.init(bitPattern:)), at: Timestamp(milliseconds: row.value("at")),
            divergence: row.value("divergence"), answer: row.value("answer"), shadowAnswer: row.value("shadow_answer"),
            input: row.value("input"))
    }

    /// The example with texts of bounded length: an input that is too long is left out, for half a JSON object is none; a long answer is
    /// for reading, and is cut.
    var bounded: ShadowExample {
        var example = self
        if let input, input.utf8.count > Limits.exampleTextBytes { example.input = nil }
        example.answer = Self.cut(answer)
        example.shadowAnswer = Self.cut(shadowAnswer)
        return example
    }

    /// As much of the text as may be kept, never half a character, with an ellipsis where some is missing.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > Limits.exampleTextBytes else { return text }
        let ellipsis = "…"
        var end = text.utf8.index(text.startIndex, offsetBy: Limits.exampleTextBytes - ellipsis.utf8.count)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + ellipsis
    }
}
