internal import Primitives

/// Outcomes that travel in one body, and what the server says of them.
struct OutcomeBatch: Equatable {
    /// When its first outcome came.
    let since: Instant
    /// The JSON list, not closed yet.
    private var bytes: [UInt8] = [UInt8(ascii: "[")]
    /// For each outcome the number of its kind, in the order of the list.
    private(set) var kinds: [UInt8] = []

    init(since: Instant) { self.since = since }

    /// What is sent.
    var body: [UInt8] { bytes + [UInt8(ascii: "]")] }

    /// Bytes of `body`.
    var size: Int { bytes.count + 1 }

    /// Whether there is room for an outcome of `count` bytes; always for the first.
    func hasRoom(for count: Int) -> Bool {
        kinds.isEmpty || (kinds.count < Limits.outcomesOfBatch && size + 1 + count <= Limits.outcomeBatchBytes)
    }

    /// Whether no further outcome will come in.
    var isFull: Bool { kinds.count >= Limits.outcomesOfBatch }

    mutating func add(_ item: [UInt8], kind: Int) {
        if !kinds.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes += item
        kinds.append(UInt8(kind))
    }

    /// The word for each outcome in `{"outcomes":["recorded",…]}`; nil if `answer` is not that, or not as long as the list was.
    func words(_ answer: ArraySlice<UInt8>) -> [String]? {
        guard let list = (try? JSONObject(answer))?.text("outcomes")?.utf8, list.first == UInt8(ascii: "[") else { return nil }
        var words: [String] = []
        for cell in list.dropFirst().dropLast().split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            // A loop over bytes: a thousand words must not keep rows waiting, as matching an expression would.
            let quoted = cell.drop { $0 == 0x20 }
            guard quoted.count > 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") else { return nil }
            words.append(String(Substring(quoted.dropFirst().dropLast())))
        }
        return words.count == kinds.count ? words : nil
    }
}
