import Ledgers

/// The body of a new fault: `{"variant":"champion","kind":"delay","delay_ms":30,"percent":50,"seconds":600,"reason":"…"}`.
struct FaultRequest {
    let variant: String
    let kind: FaultKind
    /// Of the variant's units; all unless the body says.
    let percent: Double
    /// How long it lasts; ten minutes unless the body says.
    let seconds: Int64
    let reason: String

    /// - Throws: what is wrong, with the field.
    init(_ bytes: [UInt8]) throws(AdminFault) {
        let body = try RequestBody(bytes, takes: ["variant", "kind", "delay_ms", "percent", "seconds", "reason"])
        let names = FaultKind.names.joined(separator: ", ")
        variant = try body.text("variant", "name one of the route's")
        let name = try body.text("kind", "it is one of \(names)")
        let delay = try body.wholeNumber("delay_ms")
        guard FaultKind.names.contains(name) else { throw .faultMalformed("kind is one of \(names).", field: "kind") }
        guard let kind = FaultKind(name: name, milliseconds: delay) else {
            let sentence = delay == nil ? "A delay needs delay_ms, its time in milliseconds." : "delay_ms is for the kind delay."
            throw .faultMalformed(sentence, field: "delay_ms")
        }
        self.kind = kind
        percent = try body.number("percent") ?? FaultEntry.usualPercent
        seconds = try body.wholeNumber("seconds") ?? FaultEntry.usualSeconds
        reason = try body.reason()
    }
}
