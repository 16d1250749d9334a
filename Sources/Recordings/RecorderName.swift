/// Whose file it is: one worker start (by its random nonce) and one of its reactors.
package struct RecorderName: Hashable, Sendable {
    /// 64 random bits, drawn at the worker's start; the same as in the prediction ids it makes.
    package let nonce: UInt64
    package let reactor: UInt8

    package init(nonce: UInt64, reactor: UInt8) {
        self.nonce = nonce
        self.reactor = reactor
    }

    /// Name of the file that the reactor writes: 16 hexadecimal digits, the reactor's number, `.cells`.
    package var fileName: String { "\(hexadecimal(nonce))-\(reactor).cells" }

    /// Names of its two checkpoints, which are written in turn.
    var checkpointNames: [String] { [fileName + ".a", fileName + ".b"] }

    /// Reads back any of the three names; nil for every other name.
    init?(_ name: String) {
        guard let stem = ["", ".a", ".b"].lazy.compactMap({ name.removing(suffix: ".cells" + $0) }).first else { return nil }
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let nonce = UInt64(parts[0], radix: 16), let reactor = UInt8(parts[1]) else { return nil }
        self.init(nonce: nonce, reactor: reactor)
        // What would be written otherwise ("+1", capitals, fewer digits) is not ours.
        guard name.hasPrefix(fileName) else { return nil }
    }
}

extension String {
    /// The text before `suffix`, or nil when it does not end so.
    fileprivate func removing(suffix: String) -> Substring? { hasSuffix(suffix) ? dropLast(suffix.count) : nil }
}

/// 16 lower-case digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
