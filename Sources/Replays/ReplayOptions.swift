/// What to send where, and how fast.
package struct ReplayOptions: Sendable {
    /// Path of the rows: CSV with a header line if the name ends in `.csv`, otherwise one JSON object a line.
    package var rows: String
    /// The route, for instance `https://localhost:8443/v1/video-category`.
    package var url: String
    /// The bearer token.
    package var token: String
    /// Rows a second, sent when they fall due whatever the answers do (open loop); nil sends the next row as soon as an answer makes room.
    package var rate: Double?
    /// Connections, each opened by one of the first rows before the others are sent.
    package var connections = 4
    /// Requests in flight on each connection.
    package var streams = 8
    /// Times that all rows are sent, every time under new units.
    package var passes = 1
    /// PEM file of the certificate authority to trust instead of the system's.
    package var authority: String?
    /// The field that carries the unit.
    package var unitHeader = "x-user-id"
    /// The member or column that holds the true label. It is not sent.
    package var label = "label"
    /// Outcomes to send back for rows that have a label: `NAME` (1 if the answer was right, else 0) or `NAME=label` (the true label).
    package var outcomes: [String] = []
    /// Tells this run's units from those of other runs.
    package var run = freshRun()
    /// Whether progress is written to standard error.
    package var showsProgress = true

    /// Options with the defaults above.
    package init(rows: String, url: String, token: String) {
        self.rows = rows
        self.url = url
        self.token = token
    }

    /// Eight random hexadecimal digits.
    package static func freshRun() -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Complains about the first option that cannot be used. Options are called by their names on the command line.
    func check() throws(ReplayError) {
        guard url.hasPrefix("https://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .badOption(name: "--url", reason: "'\(url)' is not an https:// address")
        }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .badOption(name: "--token", reason: "is empty or holds characters that no token has")
        }
        guard !unitHeader.isEmpty, unitHeader.utf8.allSatisfy(isTokenByte) else {
            throw .badOption(name: "--unit-header", reason: "'\(unitHeader)' is not the name of a header field")
        }
        if let rate, !(rate > 0 && rate <= Limits.rate) {
            throw .badOption(name: "--rate", reason: "must be above 0 and at most \(Int(Limits.rate)) rows a second")
        }
        _ = try OutcomeKind.list(outcomes)
        try check("--connections", connections, Limits.connections)
        try check("--streams", streams, Limits.streams)
        try check("--repeat", passes, Limits.passes)
    }

    /// Where outcomes are sent: `/v1/outcomes` at the origin of `url`.
    var outcomesURL: String {
        let authority = url.dropFirst("https://".count).prefix { !"/?#".contains($0) }
        return "https://\(authority)/v1/outcomes"
    }

    private func check(_ name: String, _ value: Int, _ most: Int) throws(ReplayError) {
        guard (1...most).contains(value) else { throw .badOption(name: name, reason: "must be from 1 to \(most)") }
    }
}

/// Whether a field name may hold this byte (`tchar`, RFC 9110 section 5.6.2).
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
