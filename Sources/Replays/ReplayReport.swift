/// What a replay found. Durations are in microseconds.
package struct ReplayReport: Encodable, Equatable, Sendable {
    /// One variant's part, or that of all answers that named none.
    package struct Variant: Encodable, Equatable, Sendable {
        /// As `x-weir-variant` says; nil where no variant answered.
        package var name: String?
        /// Requests that it answered, with whatever status.
        package var requests: Int
        /// Of all requests that a variant answered, 0...1; nil where no variant answered.
        package var share: Double?
        /// Answers of status 200 whose row has a label and which carry one themselves.
        package var scored: Int
        /// The right ones among the scored.
        package var correct: Int
        /// `correct` of `scored`; nil without any.
        package var accuracy: Double?
        /// Over answers of status 200, those to the first request of each connection left out; nil without any.
        package var latency: Latency?
        /// Requests without an answer of status 200.
        package var errors: Int
    }

    /// From when a row was due (open loop) or handed to its connection (closed loop) until its answer was complete.
    package struct Latency: Encodable, Equatable, Sendable {
        /// Half took at most this long. This and the other quantiles are exact to 0.8 %.
        package var p50: Int
        /// Nine in ten took at most this long.
        package var p90: Int
        /// All but one in a hundred took at most this long.
        package var p99: Int
        /// None took longer.
        package var longest: Int
    }

    /// One kind of error.
    package struct Failure: Encodable, Equatable, Sendable {
        /// As `x-weir-variant` says, if the answer did.
        package var variant: String?
        /// The HTTP status; nil if no answer came.
        package var status: Int?
        /// Requests that ended so.
        package var count: Int
        /// The first answer's body, shortened, or why none came.
        package var example: String
    }

    /// What became of the outcomes that were sent back.
    package struct Outcomes: Encodable, Equatable, Sendable {
        /// Outcomes of one name that were answered alike.
        package struct Answer: Encodable, Equatable, Sendable {
            package var name: String
            /// The server's word: `recorded`, `duplicate`, `late`, …
            package var answer: String
            package var count: Int
        }

        /// Outcomes that were not taken for the same reason.
        package struct Failure: Encodable, Equatable, Sendable {
            /// The HTTP status; nil if they were not answered, or not sent.
            package var status: Int?
            package var count: Int
            /// The first answer's body, shortened, or why there is none.
            package var example: String
        }

        /// In the order in which the outcomes were named, the most frequent first.
        package var answers: [Answer]
        /// The most frequent first.
        package var failures: [Failure]
    }

    /// Requests sent: rows times passes.
    package var requests: Int
    /// From the first connection's opening to the last answer to a row.
    package var seconds: Double
    /// `h2`, or `http/1.1` where the server speaks no better.
    package var version: String
    /// Connections that were opened.
    package var connections: Int
    /// The part of every unit that is the same in this run.
    package var run: String
    /// By name; the answers of no variant come last.
    package var variants: [Variant]
    /// The most frequent first.
    package var failures: [Failure]
    /// nil if none were asked for.
    package var outcomes: Outcomes?

    /// Requests without an answer of status 200.
    package var errors: Int { variants.reduce(0) { $0 + $1.errors } }
}
