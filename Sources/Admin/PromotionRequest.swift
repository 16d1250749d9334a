/// The body of a promotion: `{"weight":5,"reason":"…","anyway":false}`.
struct PromotionRequest {
    /// Beside those of the other variants.
    let weight: Double
    let reason: String
    /// Whether what stands against it is overruled; false unless the body says.
    let isAnyway: Bool

    /// - Throws: what is wrong, with the field.
    init(_ bytes: [UInt8]) throws(AdminFault) {
        let body = try RequestBody(bytes, takes: ["weight", "reason", "anyway"])
        guard let weight = try body.number("weight") else {
            throw .bodyMalformed("weight is missing: give it beside those of the other variants.", field: "weight")
        }
        self.weight = weight
        reason = try body.reason()
        isAnyway = try body.truth("anyway") ?? false
    }
}
