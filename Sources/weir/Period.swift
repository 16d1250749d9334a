import ArgumentParser

/// A length of time on the command line: `30ms`, `90s`, `10m` or `1h`.
struct Period: ExpressibleByArgument, Equatable {
    var milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads a whole number above 0 with its unit; nil for anything else.
    init?(argument: String) {
        let units: [(name: String, factor: Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
        let digits = argument.prefix { ("0"..."9").contains($0) }
        guard let unit = units.first(where: { $0.name == argument.dropFirst(digits.count) }), let count = Int64(digits), count > 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.factor)
        guard !overflow else { return nil }
        milliseconds = product
    }
}
