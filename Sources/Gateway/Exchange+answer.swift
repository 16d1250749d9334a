import Contracts
import HTTPWire
import Metrics
import Primitives

// The way out: an answer is handed to the wire, counted and noted for the log.

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Answers with a fault of ours or the caller's.
    func answer(_ fault: RequestFault) {
        let body = pointee.connection.pointee.loop.pointee.faults[fault]
        pointee.reply = WireBody(bytes: body.baseAddress.unsafelyUnwrapped, count: body.count)
        switch fault {
        case .tokenMissing, .tokenUnknown: send(fault.status, .challenge)
        case .methodNotAllowed where pointee.endpoint == .predict || pointee.endpoint == .outcomes: send(fault.status, WireField("allow", "POST"))
        case .methodNotAllowed: send(fault.status, .readOnly)
        case .rateExceeded: send(fault.status, retryAfterField)
        case .overloaded, .noVariant, .draining, .outcomesBusy, .contended: send(fault.status, .retrySoon)
        default: send(fault.status)
        }
    }

    /// Answers what the wire refused.
    func answer(_ fault: WireFault) {
        answerJSON(fault.status, ErrorText.json(sentence: "\(fault.sentence)", code: "\(fault.code)"))
    }

    /// Answers a body that breaks the contract, naming field and row.
    func answer(_ fault: ContractFault, contract route: UnsafePointer<PlanRoute>) {
        let report = route.pointee.describe(fault)
        answerJSON(400, ErrorText.json(sentence: report.message, code: report.code, field: report.field, row: report.row))
    }

    /// Answers a value that the contract allows and the model's type cannot hold.
    func answerMisfit() {
        let field = pointee.route.unsafelyUnwrapped.pointee.fieldName(Int(pointee.misfit))
        let sentence = "The model cannot take this value of \(field): its input is of another type."
        let row = pointee.isList ? Int(pointee.misfitRow) : nil
        answerJSON(400, ErrorText.json(sentence: sentence, code: "value-unfit", field: field, row: row))
    }

    func answerText(_ text: StaticString) {
        pointee.reply = WireBody(bytes: text.utf8Start, count: text.utf8CodeUnitCount)
        send(200, contentType: "text/plain; charset=utf-8")
    }

    /// Answers with JSON that was made for this request; not for the path of a prediction.
    func answerJSON(_ status: Int, _ text: String) {
        answerBytes(status, Array(text.utf8), contentType: "application/json")
    }

    func answerBytes(_ status: Int, _ bytes: [UInt8], _ extra: WireField? = nil, contentType: StaticString) {
        pointee.count = 0
        bytes.withUnsafeBufferPointer { if let start = $0.baseAddress { pointee.append(start, $0.count) } }
        pointee.reply = WireBody(bytes: pointee.buffer, count: pointee.count)
        send(status, extra, contentType: contentType)
    }

    /// Hands the answer in `reply` to the wire.
    func send(_ status: Int, _ extra: WireField? = nil, contentType: StaticString = "application/json") {
        let connection = pointee.connection
        pointee.stage = .answered
        // Of an answer that no model gave.
        if pointee.assigned != nil { connection.pointee.loop.copy(self, labels: nil, scores: nil) }
        if !pointee.places.isEmpty { givePlacesBack(connection.pointee.loop) }
        pointee.answered = connection.pointee.loop.pointee.now
        pointee.status = UInt16(status)
        pointee.extra = extra
        pointee.contentType = contentType
        connection.markDirty()
        count(StatusCode(status))
        connection.pointee.loop.note(self)
        if status == 500 || status == 504 { connection.pointee.loop.noteFailure(self, status: status) }
        guard let session = connection.pointee.h2 else { return }
        let digits = pointee.digits
        writeDigits(status, to: digits)
        let fields = connection.pointee.loop.pointee.fields
        let lengthCount = writeDecimal(pointee.reply.count, to: digits + 4)
        fields[0] = WireField("date", connection.pointee.loop.pointee.date.bytes, H1Writer.dateBytes)
        fields[1] = WireField("content-type", contentType)
        fields[2] = WireField("content-length", digits + 4, lengthCount, isVolatile: true)
        let fieldCount = addFields(to: fields, from: 3)
        let hasBody = pointee.method != .head && pointee.reply.count > 0
        let body = hasBody ? replyPointer : nil
        _ = session.pointee.answer(stream: pointee.stream, status: digits, fields: fields, fieldCount: fieldCount, body: body)
    }

    /// Writes the head of an HTTP/1.1 answer. Returns its bytes.
    func writeHead(into buffer: UnsafeMutablePointer<UInt8>, keepsAlive: Bool, isVersion10: Bool) -> Int {
        let loop = pointee.connection.pointee.loop
        let fieldCount = addFields(to: loop.pointee.fields, from: 0)
        let head = H1ResponseHead(
            status: Int(pointee.status), persistence: .of(keepAlive: keepsAlive, isVersion10: isVersion10), date: loop.pointee.date.bytes,
            contentType: pointee.contentType.utf8Start, contentTypeCount: pointee.contentType.utf8CodeUnitCount, contentLength: pointee.reply.count)
        // 16 KiB hold every head of ours: names are 64 bytes at most.
        return H1Writer.write(head, loop.pointee.fields, fieldCount, to: buffer, capacity: GatewayLimits.recordBytes) ?? 0
    }

    /// The fields that both versions share. Returns the end of the list.
    private func addFields(to fields: UnsafeMutablePointer<WireField>, from start: Int) -> Int {
        var end = start
        if let extra = pointee.extra {
            fields[end] = extra
            end += 1
        }
        guard let variant = pointee.variant, let route = pointee.route else {
            return pointee.connection.pointee.loop.pointee.isControl ? addControlFields(to: fields, from: end) : end
        }
        let reason = pointee.reason.nameBytes
        let name = variant.pointee.name
        let revision = route.pointee.revisionText
        fields[end] = WireField("x-weir-variant", name.start, name.count)
        fields[end + 1] = WireField("x-weir-revision", revision.start, revision.count)
        fields[end + 2] = WireField("x-weir-reason", reason.baseAddress.unsafelyUnwrapped, reason.count)
        guard pointee.hasPrediction else { return end + 3 }
        fields[end + 3] = WireField("x-weir-prediction", prediction, PredictionID.textCount, isVolatile: true)
        return end + 4
    }

    private var replyPointer: UnsafeMutablePointer<WireBody> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<Exchange>.offset(of: \.reply).unsafelyUnwrapped).assumingMemoryBound(to: WireBody.self)
    }

    private func writeDigits(_ status: Int, to bytes: UnsafeMutablePointer<UInt8>) {
        bytes[0] = UInt8(truncatingIfNeeded: 48 + status / 100)
        bytes[1] = UInt8(truncatingIfNeeded: 48 + status / 10 % 10)
        bytes[2] = UInt8(truncatingIfNeeded: 48 + status % 10)
    }

    /// Counts a request whose client went away before its answer.
    func countCancelled() {
        if pointee.route != nil || pointee.endpoint == .outcomes { count(.s499) }
    }

    /// Counts the answer where it belongs.
    private func count(_ status: StatusCode) {
        let loop = pointee.connection.pointee.loop
        guard let route = pointee.route else { return loop.pointee.meter.answered(status) }
        guard let variant = pointee.variant else { return route.pointee.meters[loop.pointee.number].answered(status) }
        let latency = loop.pointee.now.since(pointee.started)
        variant.pointee.meters[loop.pointee.number].answered(
            status: status, reason: pointee.reason, rows: pointee.rows, latency: latency, queue: pointee.queueTime, model: pointee.modelTime)
        guard pointee.reason != .override, let assigned = pointee.assigned else { return }
        assigned.pointee.meters[loop.pointee.number].exposed(status: status, rows: pointee.rows)
        countEvents(status, route)
    }
}

extension WireField {
    /// What a 401 has to say (RFC 6750 section 3).
    static var challenge: WireField { WireField("www-authenticate", "Bearer realm=\"weir\"") }
    /// What a 503, and a 429 for contention, has to say: come back in a second.
    static var retrySoon: WireField { WireField("retry-after", "1") }
    /// What a 405 has to say of a URL that is only read.
    static var readOnly: WireField { WireField("allow", "GET, HEAD") }
}

/// Writes a number in decimal. Returns its digits, 20 at most.
func writeDecimal(_ number: Int, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
    var rest = UInt64(number)
    var count = 1
    var power: UInt64 = 10
    while count < 19, rest >= power {
        count += 1
        power &*= 10
    }
    var place = count
    repeat {
        place -= 1
        bytes[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
    } while rest > 0
    return count
}
