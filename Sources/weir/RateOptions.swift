import ArgumentParser
import Ledgers

/// How fast a new token may ask.
struct RateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests a second that it may send; beyond, 429. Default: no limit of its own. [WEIR_RATE]", valueName: "requests"))
    var rate: Double?

    @Option(help: ArgumentHelp("Requests that may come at once after a pause. Default: what comes in a second. [WEIR_BURST]", valueName: "requests"))
    var burst: Int?

    @Option(help: ArgumentHelp("enforce, or observe: count what would be refused. Default: enforce. [WEIR_RATE_MODE]", valueName: "mode"))
    var rateMode: TokenRate.Mode?

    /// The rate that is asked for; nil for none.
    ///
    /// - Throws: `ValidationError` when there is a burst or a mode without a rate.
    func limit() throws -> TokenRate? {
        let (burst, mode) = (try Flags.value(burst, "burst"), try Flags.value(rateMode, "rate-mode"))
        guard let rate = try Flags.value(rate, "rate") else {
            if burst != nil || mode != nil { throw ValidationError("--burst and --rate-mode belong to a --rate, which is missing") }
            return nil
        }
        return TokenRate(perSecond: rate, burst: burst, mode: mode ?? .enforce)
    }
}

extension TokenRate.Mode: ExpressibleByArgument {}
