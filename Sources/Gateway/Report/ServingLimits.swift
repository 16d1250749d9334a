import Metrics
import Primitives

extension GatewayLimits {
    /// Variants that the serving file speaks of. With more, routes without shadows are left out in which no breaker has anything to say; the
    /// control plane speaks of all.
    static let servingVariants = 1_000

    /// Classes of a route that are named: one more than are told apart in the table of a shadow's and its primary's, which shows that there
    /// are more.
    static let servingLabels = Limits.comparedClasses + 1

    /// Characters of a class's name, in Unicode scalars; the rest is cut off.
    static let servingLabelLength = 64

    /// The serving file is written anew after this time also when nothing has changed.
    static let servingRenewal: Nanoseconds = .seconds(5)

    /// A serving file older than this, in milliseconds, is not believed: its server is gone, or stands still.
    static let servingAge: Int64 = 15_000

    /// Looking for changes of the serving file takes a hundredth of one CPU at most.
    static let servingShare: UInt64 = 100
}
