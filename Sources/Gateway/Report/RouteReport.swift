/// What each variant of a route did, in plain numbers: the body of `GET /api/v1/routes/{route}/report` and of `weir report --json`.
///
/// Facts only: no verdict, no p-value. An *exposure* is a request that the split assigned to a variant, whichever variant answered it and
/// however it ended; requests whose caller named the variant are none. Counts are exact and go back to the ledger's beginning. Times are
/// ISO 8601 in UTC. What cannot be said, such as the mean of nothing, is left out.
package struct RouteReport: Encodable, Sendable {
    package var route: String
    /// When the counters were read.
    package var asOf: String
    /// Every outcome that had arrived by then is counted; left out before the first was added up.
    package var outcomesAsOf: String?
    /// The split in force.
    package var revision: Revision
    /// Revisions with exposures, and the one in force, newest first.
    package var revisions: [RevisionFigures]
    /// Exposures of all variants, in requests.
    package var exposures: UInt64
    /// Requests that got no variant, by status code.
    package var refusedBeforeAssignment: [String: UInt64]
    /// Those of the split in force in its order, then those that had traffic before.
    package var variants: [VariantFigures]
    /// Faults for practice that are going on: answers that they spoil are counted as failures.
    package var faults: [FaultAnswer]
    /// Variants that are kept out of traffic since their model crashed the server.
    package var held: [HeldAnswer]
    /// Where breakers stand and models run, in the words of the running server; left out when none runs.
    package var serving: RouteServing?
    /// What shadows answered beside the variants, by name; in no other figure.
    package var shadows: [ShadowFigures]
    /// Sentences on what is special about these numbers.
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case route, revision, revisions, exposures, variants, faults, held, serving, shadows, notes
        case asOf = "as_of"
        case outcomesAsOf = "outcomes_as_of"
        case refusedBeforeAssignment = "refused_before_assignment"
    }

    /// Who moved the split, when and why.
    package struct Revision: Encodable, Sendable {
        package var number: UInt32
        package var at: String
        package var author: String
        package var reason: String
    }

    /// The exposures under one revision, beside its weights.
    package struct RevisionFigures: Encodable, Sendable {
        package var number: UInt32
        package var at: String
        package var author: String
        package var reason: String
        /// In requests, of all variants.
        package var exposures: UInt64
        package var variants: [Part]

        /// One variant's part.
        package struct Part: Encodable, Sendable {
            package var name: String
            package var weight: Double
            /// The weight over the sum of all, 0...1.
            package var share: Double
            /// In requests.
            package var exposures: UInt64
            /// Part of the revision's exposures, 0...1.
            package var observedShare: Double?

            enum CodingKeys: String, CodingKey {
                case name, weight, share, exposures
                case observedShare = "observed_share"
            }
        }
    }
}

/// What one variant did, over all revisions.
package struct VariantFigures: Encodable, Sendable {
    package var name: String
    /// In the split in force; 0 for a variant that is not in it.
    package var weight: Double
    /// The weight over the sum of all, 0...1.
    package var share: Double
    /// Requests that the revisions' weights let expect: the sum of each revision's exposures times the share that the variant had in it.
    package var expectedExposures: Double
    /// Part of all exposures that is to be expected, 0...1. With one revision it is its share.
    package var expectedShare: Double?
    /// Requests that the split assigned to it.
    package var exposures: UInt64
    /// Part of all exposures, 0...1.
    package var observedShare: Double?
    /// How its exposures ended, in requests.
    package var classes: Classes
    /// Rows that its exposures asked for.
    package var rows: UInt64
    /// Requests that it answered, by reason: `assigned`, or in place of another variant. Without `overrides`.
    package var served: [String: UInt64]
    /// Part of all requests that any variant answered, 0...1: beside `observedShare`, what breakers, retries and fallbacks moved.
    package var servedShare: Double?
    /// Requests that it answered because the caller named it: no exposures.
    package var overrides: UInt64
    /// From a request's first byte to its answer's last, of requests that it served; overrides are left out.
    package var latency: Timing
    /// The part of it before the model's call.
    package var queue: Timing
    /// The part of it inside the model.
    package var model: Timing
    /// Events of its exposures by kind.
    package var events: [String: Events]
    /// By the newest declaration of the route's outcomes, in its order.
    package var outcomes: [OutcomeFigures]

    enum CodingKeys: String, CodingKey {
        case name, weight, share, exposures, classes, rows, served, overrides, latency, queue, model, events, outcomes
        case expectedExposures = "expected_exposures"
        case expectedShare = "expected_share"
        case observedShare = "observed_share"
        case servedShare = "served_share"
    }

    /// Requests by whose doing their answer is.
    package struct Classes: Encodable, Equatable, Sendable {
        package var ok: UInt64
        /// The request was wrong.
        package var callerFault: UInt64
        package var modelFailure: UInt64
        /// The deadline passed.
        package var timeout: UInt64
        /// Turned away for load or rate.
        package var refused: UInt64
        /// The client went away first.
        package var cancelled: UInt64

        enum CodingKeys: String, CodingKey {
            case ok, timeout, refused, cancelled
            case callerFault = "caller_fault"
            case modelFailure = "model_failure"
        }
    }

    /// A distribution of times, in milliseconds. Quantiles are by nearest rank, within 0.8 %; the mean is exact.
    package struct Timing: Encodable, Equatable, Sendable {
        /// Requests that were timed.
        package var count: UInt64
        package var mean: Double?
        package var p50: Double?
        package var p90: Double?
        package var p95: Double?
        package var p99: Double?
    }

    /// Events of one kind.
    package struct Events: Encodable, Equatable, Sendable {
        package var count: UInt64
        /// Those that were the first of this kind of their unit's slot; 0 where the route has no unit.
        package var first: UInt64
    }
}

/// What turned out for the exposures of one variant, over all revisions: one outcome of the newest declaration.
///
/// Only *matured* predictions count: those whose window was over when the outcomes were added up.
package struct OutcomeFigures: Encodable, Sendable {
    package var name: String
    /// `rate` (0 or 1), `mean` (a number) or `label` (1 where the answer was the true label, so the mean is the accuracy).
    package var kind: String
    /// `higher` or `lower`.
    package var better: String
    /// Seconds after the prediction in which an outcome counts.
    package var windowSeconds: Double
    /// Values beyond plus and minus this count as this; in the outcome's unit.
    package var cap: Double?
    /// What a prediction without an outcome counts as: `zero`, or `unknown` for not at all.
    package var absence: String
    /// What the mean is over: matured predictions where absence is zero, else outcomes of matured predictions.
    package var n: UInt64
    /// Predictions whose window is over.
    package var maturedExposures: UInt64
    /// Outcomes of matured predictions.
    package var outcomes: UInt64
    /// In the outcome's unit, of capped values.
    package var mean: Double?
    /// The mean of the values as they were sent; where there is a cap.
    package var rawMean: Double?
    /// -ln of the true label's probability, of those label outcomes whose prediction was sampled.
    package var logLoss: Score?
    /// Brier score, 0...2, of the same.
    package var brier: Score?
    /// Outcomes of predictions whose window is still open.
    package var maturing: UInt64
    /// Outcomes that came after the window: stored, in no mean.
    package var late: UInt64
    /// Outcomes whose exposure could not be counted: stored, in no mean.
    package var uncounted: UInt64
    /// Outcomes of predictions whose caller had named the variant: stored, in no mean.
    package var overridden: UInt64

    enum CodingKeys: String, CodingKey {
        case name, kind, better, cap, absence, n, outcomes, mean, brier, maturing, late, uncounted, overridden
        case windowSeconds = "window_s"
        case maturedExposures = "matured_exposures"
        case rawMean = "raw_mean"
        case logLoss = "log_loss"
    }

    /// A mean with the number of predictions that it is over.
    package struct Score: Encodable, Equatable, Sendable {
        package var n: UInt64
        package var mean: Double
    }
}
