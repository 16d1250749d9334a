/// A shadow's answers beside the primaries', in plain numbers: facts, no verdict.
///
/// Always so, once nothing is under way: `sampled` is `compared` and all that was `dropped`. Shares are parts of one. What cannot be said is
/// left out.
package struct PairFigures: Encodable, Equatable, Sendable {
    /// Predictions of which a copy was to be made.
    package var sampled: UInt64
    /// Copies whose two answers were compared: pairs.
    package var compared: UInt64
    /// Copies that are neither compared nor dropped yet.
    package var underWay: UInt64
    /// Copies that were not compared, by reason, above 0 only.
    package var dropped: [String: UInt64]
    /// Pairs with the same label; left out where the models answer a value, as is its part of `compared`.
    package var agreed: UInt64?
    package var agreement: Double?
    /// Pairs of which every output was equal to the last bit.
    package var bitEqual: UInt64
    /// Pairs of which an output was not finite.
    package var nonFinite: UInt64
    /// Pairs that mean something else: another label, a value beyond the tolerance, nothing finite.
    package var diverged: UInt64
    package var divergence: Double?
    /// Time inside the models.
    package var modelTime: ModelTime
    /// The shadow's time less the primary's, a row, in milliseconds.
    package var timeDifference: MeanDifference
    /// For each output that is compared: the scores in the order of the classes, or the value.
    package var outputs: [OutputDifference]
    /// Which labels both answered; left out where the models answer a value.
    package var confusion: Confusion?
    /// What label outcomes say about both.
    package var outcomes: Outcomes

    enum CodingKeys: String, CodingKey {
        case sampled, compared, dropped, agreed, agreement, diverged, divergence, outputs, confusion, outcomes
        case underWay = "under_way"
        case bitEqual = "bit_equal"
        case nonFinite = "non_finite"
        case modelTime = "model_time"
        case timeDifference = "time_difference_ms"
    }

    /// A row's share of the time of its call: of the primary as clients waited for it, of the shadow as CPU time, since it only runs when
    /// nothing else does. In milliseconds.
    package struct ModelTime: Encodable, Equatable, Sendable {
        /// Of pairs.
        package var primary: VariantFigures.Timing
        /// Of all rows that the shadow answered, compared or not.
        package var shadow: VariantFigures.Timing
    }

    /// Differences of pairs, shadow less primary.
    package struct MeanDifference: Encodable, Equatable, Sendable {
        package var n: UInt64
        package var mean: Double?
        /// With n - 1.
        package var standardDeviation: Double?

        enum CodingKeys: String, CodingKey {
            case n, mean
            case standardDeviation = "standard_deviation"
        }
    }

    /// Which label the primary answered, and which the shadow.
    package struct Confusion: Encodable, Equatable, Sendable {
        package var labels: [String]
        /// A row for each label of the primary, in it a number for each of the shadow.
        package var counts: [[UInt64]]
    }

    /// Label outcomes of pairs, each counted once.
    package struct Outcomes: Encodable, Equatable, Sendable {
        package var bothRight: UInt64
        package var onlyPrimary: UInt64
        package var onlyShadow: UInt64
        package var bothWrong: UInt64
        /// Outcomes of copied predictions that were not compared, or too long ago to be known.
        package var withoutPair: UInt64
        /// Parts of the pairs in which each was right; left out of none.
        package var accuracy: Accuracy?
        /// -ln of the true label's probability; the smaller, the better.
        package var logLoss: Score?
        /// Brier score, 0...2; the smaller, the better.
        package var brier: Score?

        enum CodingKeys: String, CodingKey {
            case accuracy, brier
            case bothRight = "both_right"
            case onlyPrimary = "only_primary"
            case onlyShadow = "only_shadow"
            case bothWrong = "both_wrong"
            case withoutPair = "without_pair"
            case logLoss = "log_loss"
        }
    }

    /// How often both were right, 0...1.
    package struct Accuracy: Encodable, Equatable, Sendable {
        package var primary: Double
        package var shadow: Double
    }

    /// A score of the same predictions by both.
    package struct Score: Encodable, Equatable, Sendable {
        package var n: UInt64
        /// Means.
        package var primary: Double
        package var shadow: Double
        /// Mean of the shadow's less the primary's.
        package var difference: Double
        /// Of these differences, with n - 1.
        package var standardDeviation: Double?

        enum CodingKeys: String, CodingKey {
            case n, primary, shadow, difference
            case standardDeviation = "standard_deviation"
        }
    }
}
