import Primitives

extension GatewayLimits {
    /// Variants that the serving file speaks of. With more, routes are left out in which no breaker has anything to say; the control plane
    /// speaks of all.
    static let servingVariants = 1_000

    /// The serving file is written anew after this time also when nothing has changed.
    static let servingRenewal: Nanoseconds = .seconds(5)

    /// A serving file older than this, in milliseconds, is not believed: its server is gone, or stands still.
    static let servingAge: Int64 = 15_000

    /// Looking for changes of the serving file takes a hundredth of one CPU at most.
    static let servingShare: UInt64 = 100
}
