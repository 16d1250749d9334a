package import Primitives

/// Every bound of a routes folder: what it is, in which unit, and why. Past a bound there is a complaint that names it, and the
/// route is not served.
package enum Limits {
    /// Bytes of a route.yaml: a contract of 4096 fields fits; what is larger is another file by mistake.
    package static let routeFileBytes = 1 << 20
    /// Bytes of a model file: models run inside the gateway, and each is held in memory at least once.
    package static let modelBytes = 256 << 20
    /// Bytes of a sample file.
    package static let sampleBytes = 64 << 20
    /// Rows of a sample file: they are run through every new model before it serves.
    package static let sampleRows = 10_000
    /// Routes in one folder.
    package static let routes = 16_384
    /// Entries of one folder that are looked at, and how deep folders in a route's folder are followed; for change detection.
    package static let folderEntries = 65_536
    package static let folderDepth = 4

    /// Aliases (`*name`) in one file. Each may repeat all that came before; sixteen cannot grow a file more than 400-fold.
    package static let aliases = 16
    /// Doubled keys that are reported in one file.
    package static let doubledKeys = 16
    /// Complaints that are listed for one file; the rest are counted.
    package static let complaints = 100

    /// Variants of one route: the split walks them all for each request.
    package static let variants = 32
    /// Weights above zero: scores and sums of these stay finite and exact enough.
    package static let weight = 0.001...1_000_000_000
    /// Shadows of one route: a copied prediction is run by each of them, behind all that serves.
    package static let shadows = 8
    /// Fields of one input contract: one column of the model each.
    package static let fields = 4_096
    /// Classes of one model.
    package static let labels = 4_096
    /// Strings that one field may allow.
    package static let values = 4_096
    /// Bytes of a route's or variant's name, which stand in paths, headers, metrics and ids.
    package static let nameBytes = 64
    /// Bytes of a field's name, label, allowed string or salt.
    package static let textBytes = 256
    /// Bytes of a route's path: longer ones are cut off by proxies in between.
    package static let pathBytes = 256

    /// Time for one answer.
    package static let deadline: ClosedRange<Nanoseconds> = .milliseconds(1)...(.seconds(600))
    /// Rows in one request.
    package static let rows = 1...1_024
    /// Bytes of one request's body.
    package static let bodyBytes = 64...(16 << 20)
    /// Bytes of one string in a row.
    package static let textLength = 1...65_536
    /// Time until an answer counts as slow; beyond the deadline none would.
    package static let slow: ClosedRange<Nanoseconds> = .microseconds(1)...deadline.upperBound
    /// Outcomes of one route: each has sums for every variant, revision and slice of time.
    package static let outcomes = 16
    /// Time from a prediction within which its outcome counts.
    package static let window: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(400 * 86_400))
    /// Magnitude at which a mean's values are cut: at 1e-6 of the unit, a million of the largest fit into the sum of an Int64.
    package static let cap = 0.000_001...9_000_000.0
    /// Percent of the predictions that are logged with their input, or copied to a shadow, or may diverge there.
    package static let percent = 0.0...100.0

    /// Failures in a row that open a breaker: twenty open it whoever they come from.
    package static let failuresInRow = 1...20
    /// Calls below which a breaker judges no rate.
    package static let breakerCalls = 1...100_000
    /// Time over which a breaker takes its rates: a shorter one would judge the machine's stalls, a longer one forgets too late.
    package static let breakerWindow: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(600))
    /// Time that a breaker stays open at first: sooner, a probe would meet the calls that tripped it.
    package static let breakerOpen: ClosedRange<Nanoseconds> = .milliseconds(10)...(.seconds(600))
    /// Longest time that a breaker stays open before its next probe.
    package static let breakerOpenAtMost: ClosedRange<Nanoseconds> = .milliseconds(10)...(.seconds(3_600))
    /// Probes in a row that close a breaker; its word has four bits for them.
    package static let probeSuccesses = 1...15
    /// Time over which a variant's share comes back.
    package static let breakerRamp: ClosedRange<Nanoseconds> = 0...(.seconds(600))
    /// Predictions of one route that are in work at once.
    package static let concurrency = 1...65_536
    /// Status of a constant answer: final ones, of which the decoder refuses those without a body.
    package static let fallbackStatus = 200...599
    /// Bytes of a constant answer's JSON, and how deep its values may be nested: each request in need gets a copy.
    package static let fallbackBytes = 64 << 10
    package static let fallbackDepth = 32
    /// Whole numbers that a double holds exactly: 2^53 either way.
    package static let exactInteger = 9_007_199_254_740_992.0
}

/// What a route has when its file does not say.
package enum Defaults {
    package static let deadline: Nanoseconds = .seconds(1)
    package static let rows = 32
    package static let bodyBytes = 256 << 10
    package static let textLength = 256
    /// Percent of the predictions that are logged.
    package static let logPercent = 1.0
    /// Status of a constant answer.
    package static let fallbackStatus = 200
    /// Percent of the predictions that a shadow gets a copy of.
    package static let shadowPercent = 100.0
    /// Percent of the compared predictions that may diverge before a shadow goes live.
    package static let shadowLimit = 10.0
    /// Relative difference beyond which a shadow's value diverges.
    package static let shadowTolerance = 0.1

    /// Time until an answer counts as slow.
    package static func slow(deadline: Nanoseconds) -> Nanoseconds { deadline / 2 }

    /// The path of a route.
    package static func path(of route: String) -> String { "/v1/" + route }
}
