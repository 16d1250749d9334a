import HTTPWire
import Metrics
import Primitives
import Reactor

/// A request on the control plane, as its handler sees it.
package struct ControlRequest: Sendable {
    package var method: Method
    /// The path's segments, percent-decoded: `/api/v1` gives `api`, `v1`, and a slash at the end one empty segment more. Empty for a path that
    /// does not decode or is too long.
    package var segments: [String]
    /// The query's parameters in order, decoded; nil when it does not decode.
    package var parameters: [Parameter]?
    /// At most `GatewayLimits.controlBodyBytes`.
    package var body: [UInt8]
    /// The field `If-Match`; empty when it came twice, nil without one.
    package var ifMatch: String?
    /// The first 256 bytes of the field `Accept`.
    package var accept: String?
    package var caller: Caller
    /// Whether it came over the loopback address.
    package var isLocal: Bool

    /// One `name=value` of a query.
    package typealias Parameter = (name: String, value: String)

    /// What the request does. A method that HTTP does not know was answered before.
    package enum Method: Sendable {
        case get, head, post, delete, other
    }

    /// Who asks.
    package enum Caller: Sendable {
        /// No token was shown.
        case missing
        /// The token shown is not known, has expired or was revoked.
        case unknown
        case holder(TokenHolder)
    }

    package init(
        method: Method, segments: [String], parameters: [Parameter]? = [], body: [UInt8] = [], ifMatch: String? = nil, accept: String? = nil,
        caller: Caller, isLocal: Bool
    ) {
        self.method = method
        self.segments = segments
        self.parameters = parameters
        self.body = body
        self.ifMatch = ifMatch
        self.accept = accept
        self.caller = caller
        self.isLocal = isLocal
    }
}

/// The handler's answer. Every one is sent with `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`.
package struct ControlAnswer: Sendable {
    /// A field of the head beside those that all answers have: the name in lower case, the value without line breaks.
    package typealias Field = (name: StaticString, value: String)

    package var status: Int
    package var contentType: StaticString
    /// At most `fieldsAtMost`; what is beyond is left out.
    package var fields: [Field]
    package var body: [UInt8]

    /// Fields of an answer of its own: ETag, Location, Allow, Retry-After and a few to come; a head has room for 16 in all.
    package static let fieldsAtMost = 8

    package init(status: Int, contentType: StaticString = "application/json", fields: [Field] = [], body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    /// An error with the body that all errors have.
    package static func fault(
        _ status: Int, _ code: String, _ sentence: String, field: String? = nil, fields: [Field] = []
    ) -> ControlAnswer {
        ControlAnswer(status: status, fields: fields, body: Array(ErrorText.json(sentence: sentence, code: code, field: field).utf8))
    }
}

/// Answers requests on the control plane. Called on the control plane's thread; may take its time, but every request there waits for it.
package typealias ControlHandler = @Sendable (ControlRequest) -> ControlAnswer

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Hands a complete request to the control plane's handler.
    func answerControl(_ exchange: ExchangePointer) {
        exchange.answer(pointee.server.takeUnretainedValue().controlHandler(exchange.controlRequest))
    }

    /// Ready means: ready for new traffic.
    func answerReadiness(_ exchange: ExchangePointer) {
        if pointee.server.takeUnretainedValue().isWelcoming { exchange.answerText("ready\n") } else { exchange.answer(.draining) }
    }
}

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Keeps what the client would like to read, in the place of the unit key, which the control plane has not.
    func keepAccept(_ value: UnsafePointer<UInt8>, _ count: Int) {
        pointee.unitCount = min(count, GatewayLimits.unitBytes)
        pointee.notes.update(from: value, count: pointee.unitCount)
    }

    func keepEntityTag(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard pointee.tagCount == 0 else { return pointee.tagCount = -1 }
        let kept = min(count, GatewayLimits.entityTagBytes)
        pointee.tagCount = Int16(truncatingIfNeeded: kept)
        pointee.entityTag.update(from: value, count: kept)
    }

    fileprivate var controlRequest: ControlRequest {
        let target = String(decoding: UnsafeBufferPointer(start: pointee.path, count: pointee.pathCount), as: UTF8.self)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let tag = UnsafeBufferPointer(start: pointee.entityTag, count: max(0, Int(pointee.tagCount)))
        let accept = UnsafeBufferPointer(start: pointee.notes, count: pointee.unitCount)
        return ControlRequest(
            method: controlMethod, segments: ControlTarget.segments(of: parts.first ?? ""),
            parameters: ControlTarget.parameters(of: parts.count > 1 ? parts[1] : ""),
            body: Array(UnsafeBufferPointer(start: pointee.buffer, count: pointee.count)),
            ifMatch: pointee.tagCount == 0 ? nil : String(decoding: tag, as: UTF8.self),
            accept: pointee.unitCount == 0 ? nil : String(decoding: accept, as: UTF8.self), caller: caller,
            isLocal: StreamSocket.hasLoopbackPeer(pointee.connection.pointee.socket.number))
    }

    private var controlMethod: ControlRequest.Method {
        switch pointee.method {
        case .get: .get
        case .head: .head
        case .post: .post
        case .delete: .delete
        case .other, .unknown: .other
        }
    }

    private var caller: ControlRequest.Caller {
        switch pointee.authorization {
        case .missing: return .missing
        case .refused: return .unknown
        case .granted:
            let holder = pointee.planSlot.pointee.plan._withUnsafeGuaranteedRef { $0.tokens.holder(pointee.token) }
            return holder.map { .holder($0) } ?? .unknown
        }
    }

    /// Hands a handler's answer to the wire. Its fields lie after the body, as lines, until the head is written.
    fileprivate func answer(_ answer: ControlAnswer) {
        pointee.count = 0
        append(answer.body)
        let bodyCount = pointee.count
        for field in answer.fields { append(Array("\(field.name):\(field.value)\n".utf8)) }
        pointee.fieldBytes = pointee.count - bodyCount
        pointee.reply = WireBody(bytes: pointee.buffer, count: bodyCount)
        send(answer.status, contentType: answer.contentType)
    }

    private func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { if let start = $0.baseAddress { pointee.append(start, $0.count) } }
    }

    /// Adds the fields of every answer here, and this one's own. Returns the end of the list.
    func addControlFields(to fields: UnsafeMutablePointer<WireField>, from start: Int) -> Int {
        fields[start] = WireField("cache-control", "no-store")
        fields[start + 1] = WireField("x-content-type-options", "nosniff")
        var end = start + 2
        guard pointee.fieldBytes > 0 else { return end }
        var line = pointee.reply.bytes + pointee.reply.count
        let last = line + pointee.fieldBytes
        while line < last, end < start + 2 + ControlAnswer.fieldsAtMost {
            let colon = line.end(at: 0x3A, before: last)
            let lineEnd = colon.end(at: 0x0A, before: last)
            let value = colon + 1
            fields[end] = WireField(name: line, nameCount: colon - line, value: value, valueCount: lineEnd - value, isVolatile: true)
            end += 1
            line = lineEnd + 1
        }
        return end
    }
}

extension UnsafePointer<UInt8> {
    /// Where the next such byte is; `last` when there is none.
    fileprivate func end(at byte: UInt8, before last: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var place = self
        while place < last, place.pointee != byte { place += 1 }
        return place
    }
}
