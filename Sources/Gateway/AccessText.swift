import Primitives

/// Access records as lines of JSON, many in one buffer that is used again and again. No object is made for a line, no date is formatted twice.
///
/// Names are those of the Elastic Common Schema 8.11, see ``LogFields``. `@timestamp` is when the request began.
struct AccessText: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var used = 0
    private let arena = ByteArena()
    /// What stands between the time and the duration.
    private let opening: Bytes
    /// The fields of routes and variants, by number.
    private var names: [Bytes] = []
    /// The second whose text is in `date`.
    private var second = UInt64.max
    /// `2026-11-22T20:33:10.`
    private let date: UnsafeMutablePointer<UInt8>

    /// Bytes to gather before a write: some 500 lines.
    static let fullAt = 256 * 1_024
    /// Bytes of a line without the constants and names: its labels, and numbers of 20 digits each.
    private static let lineBytes = 640
    private static let dateBytes = 20

    init(version: String) {
        let constants = LogFields.constants(version: version, dataset: "weir.access", category: "web", type: "access")
        opening = arena.keep("Z\",\"log.level\":\"info\",\"message\":\"request\"" + constants + ",\"event.duration\":")
        capacity = Self.fullAt + 16 * 1_024
        start = .allocate(capacity: capacity)
        date = .allocate(capacity: Self.dateBytes)
    }

    deinit {
        start.deallocate()
        date.deallocate()
    }

    /// The lines so far.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: used) }
    var isFull: Bool { used >= Self.fullAt }

    mutating func clear() {
        used = 0
    }

    /// Appends one line.
    mutating func append(_ record: AccessRecord) {
        let route = name(record.route)
        let variant = name(record.variant)
        reserve(Self.lineBytes + opening.count + (route?.count ?? 0) + (variant?.count ?? 0))
        var text = JSONWriter(at: start + used)
        text.write("{\"@timestamp\":\"")
        writeTime(record.wallMilliseconds, to: &text)
        text.write(opening)
        text.write(record.duration)
        text.write(record.status < 400 ? ",\"event.outcome\":\"success\"" : ",\"event.outcome\":\"failure\"")
        Self.writeMethod(record.method, to: &text)
        text.write(",\"http.response.status_code\":")
        text.write(UInt64(record.status))
        text.write(",\"http.response.body.bytes\":")
        text.write(UInt64(record.bytesOut))
        text.write(record.isHTTP2 ? ",\"http.version\":\"2\"" : ",\"http.version\":\"1.1\"")
        if record.traceHigh | record.traceLow != 0 {
            text.write(",\"trace.id\":\"")
            text.writeHexadecimal(record.traceHigh)
            text.writeHexadecimal(record.traceLow)
            text.write("\"")
        }
        if let route { text.write(route) }
        if let variant {
            text.write(variant)
            text.write(",\"weir.revision\":")
            text.write(UInt64(record.revision))
            text.write(",\"weir.rows\":")
            text.write(UInt64(record.rows))
            Self.writeReason(record.reason, to: &text)
        }
        text.write(",\"weir.reactor\":")
        text.write(UInt64(record.reactor))
        text.write("}\n")
        used = text.count(since: start)
    }

    private mutating func reserve(_ needed: Int) {
        guard used + needed > capacity else { return }
        capacity = 2 * (used + needed)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: used)
        start.deallocate()
        start = larger
    }

    /// The fields with a number; nil for 0.
    private mutating func name(_ number: UInt32) -> Bytes? {
        guard number != 0 else { return nil }
        if number >= names.count {
            for text in LogNames.shared.fields(from: names.count) { names.append(arena.keep(text)) }
        }
        return number < names.count ? names[Int(number)] : nil
    }

    /// ECS asks for the method as the client wrote it; that of an unknown one is not kept.
    private static func writeMethod(_ method: UInt8, to text: inout JSONWriter) {
        switch Exchange.Method(rawValue: method) {
        case .get: text.write(",\"http.request.method\":\"GET\"")
        case .head: text.write(",\"http.request.method\":\"HEAD\"")
        case .post: text.write(",\"http.request.method\":\"POST\"")
        case .delete: text.write(",\"http.request.method\":\"DELETE\"")
        case .unknown, .other, nil: break
        }
    }

    private static func writeReason(_ reason: UInt8, to text: inout JSONWriter) {
        guard let name = ServedReason(rawValue: reason)?.nameBytes, let start = name.baseAddress else { return }
        text.write(",\"weir.reason\":\"")
        text.write(Bytes(start: start, count: name.count))
        text.write("\"")
    }

    /// `2026-11-22T20:33:10.042`, in UTC (RFC 3339).
    private mutating func writeTime(_ milliseconds: UInt64, to text: inout JSONWriter) {
        if milliseconds / 1_000 != second {
            second = milliseconds / 1_000
            writeDate(second, to: date)
        }
        text.write(Bytes(start: date, count: Self.dateBytes))
        writePadded(milliseconds % 1_000, digits: 3, to: text.at)
        text.at += 3
    }
}

/// Writes `2026-11-22T20:33:10.` for a second since 1970: 20 bytes, as long as the year has four digits. The calendar is Howard Hinnant's
/// `civil_from_days` (howardhinnant.github.io/date_algorithms.html), for days from 1970 on.
func writeDate(_ second: UInt64, to bytes: UnsafeMutablePointer<UInt8>) {
    let days = second / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let parts: (UInt64, UInt64, UInt64) = (second / 3_600 % 24, second / 60 % 60, second % 60)
    writePadded(year, digits: 4, to: bytes)
    bytes[4] = UInt8(ascii: "-")
    writePadded(month, digits: 2, to: bytes + 5)
    bytes[7] = UInt8(ascii: "-")
    writePadded(dayOfYear - (153 * shifted + 2) / 5 + 1, digits: 2, to: bytes + 8)
    bytes[10] = UInt8(ascii: "T")
    writePadded(parts.0, digits: 2, to: bytes + 11)
    bytes[13] = UInt8(ascii: ":")
    writePadded(parts.1, digits: 2, to: bytes + 14)
    bytes[16] = UInt8(ascii: ":")
    writePadded(parts.2, digits: 2, to: bytes + 17)
    bytes[19] = UInt8(ascii: ".")
}

/// The last `digits` digits of a number, with zeros before it.
private func writePadded(_ number: UInt64, digits: Int, to bytes: UnsafeMutablePointer<UInt8>) {
    var rest = number
    for place in (0..<digits).reversed() {
        bytes[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ number: UInt64) {
        at += writeDecimal(Int(clamping: number), to: at)
    }

    /// 16 digits.
    fileprivate mutating func writeHexadecimal(_ word: UInt64) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place) & 15)
            at[place] = digit < 10 ? 48 + digit : 87 + digit
        }
        at += 16
    }
}
