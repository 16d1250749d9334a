import ArgumentParser
import Gateway

/// The limits of the gateway, for every command that opens models or serves.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Change limits: name=value,… of \(names). [WEIR_LIMITS]", valueName: "limits"))
    var limits: String?

    /// The limits, with those changed that the option or its variable names.
    func value() throws -> GatewayLimits {
        var result = GatewayLimits()
        for pair in try (Flags.value(limits, "limits") ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let value = UInt64(parts[1]) else { throw ValidationError("--limits \(pair): write name=number") }
            guard let limit = GatewayLimits.settable.first(where: { $0.name == parts[0] }) else {
                throw ValidationError("--limits: there is no limit \(parts[0]); there are \(Self.names)")
            }
            guard limit.range.contains(value) else {
                throw ValidationError("--limits \(pair): from \(limit.range.lowerBound) to \(limit.range.upperBound)")
            }
            result.set(limit.name, to: value)
        }
        return result
    }

    private static let names = GatewayLimits.settable.map(\.name).joined(separator: ", ")
}
