import Contracts
import HTTPWire
import Metrics
import Primitives
import Routing

// What the wire tells: the stations route, authenticate and admit, on the way in. Free functions, because C calls them.

/// The gateway's side of every connection's wire.
func makeWireSink() -> WireSink {
    WireSink(
        open: openExchange, field: receiveField, head: completeHead, body: receiveBody, end: completeRequest, closed: closeExchange)
}

private func exchange(_ pointer: UnsafeMutableRawPointer) -> ExchangePointer {
    pointer.assumingMemoryBound(to: Exchange.self)
}

@inline(__always)
private func openExchange(_ connection: UnsafeMutableRawPointer, _ stream: Int32) -> UnsafeMutableRawPointer? {
    let connection = connection.assumingMemoryBound(to: Connection.self)
    let loop = connection.pointee.loop
    loop.pointee.meter.count(stream == 0 ? .requestsH1 : .requestsH2)
    return UnsafeMutableRawPointer(loop.open(connection, stream: stream))
}

@inline(__always)
private func receiveField(
    _ pointer: UnsafeMutableRawPointer, _ name: Int32, _ nameBytes: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>,
    _ valueCount: Int
) {
    let exchange = exchange(pointer)
    if let route = exchange.pointee.route, route.pointee.unit == .header, route.pointee.unitName.equals(nameBytes, nameCount) {
        exchange.keepUnit(value, valueCount)
    }
    switch unsafeBitCast(UInt8(truncatingIfNeeded: name), to: FieldName.self) {  // its raw values count its cases
    case .method: exchange.pointee.method = method(value, valueCount)
    case .path: exchange.resolve(path: value, valueCount)
    case .authorization: exchange.authorize(value, valueCount)
    case .contentType:
        guard !isJSON(value, valueCount) else { break }
        exchange.pointee.isLines = exchange.pointee.endpoint == .outcomes && isNDJSON(value, valueCount)
        if !exchange.pointee.isLines { exchange.find(.mediaTypeUnknown) }
    case .contentEncoding: if !spells(value, valueCount, "identity") { exchange.find(.encodingUnknown) }
    case .contentLength: exchange.announce(length: value, valueCount)
    case .expect: exchange.expect(value, valueCount)
    case .cookie: exchange.findUnitCookie(value, valueCount)
    case .weirVariant: exchange.askForVariant(value, valueCount)
    case .traceparent: exchange.keepTrace(value, valueCount)
    case .weirTimeout: exchange.keepTimeout(value, valueCount)
    case .weirFault: exchange.askForFault(value, valueCount)
    case .accept: if exchange.pointee.endpoint == .control { exchange.keepAccept(value, valueCount) }
    case .ifMatch: if exchange.pointee.endpoint == .control { exchange.keepEntityTag(value, valueCount) }
    default: break
    }
}

@inline(__always)
private func completeHead(_ pointer: UnsafeMutableRawPointer, _ endsHere: Bool) {
    let exchange = exchange(pointer)
    let connection = exchange.pointee.connection
    if let fault = connection.pointee.h2?.pointee.headFault {
        connection.pointee.loop.pointee.meter.refused(.headTooLarge)
        return exchange.answer(fault)
    }
    let fault = exchange.admission(endsHere: endsHere)
    if fault == .bodyTooLarge { connection.pointee.loop.pointee.meter.refused(.bodyTooLarge) }
    guard fault == .none else { return exchange.answer(fault) }
    guard exchange.pointee.expectsContinue, !endsHere else { return }
    if let session = connection.pointee.h2 { session.pointee.answerContinue(stream: exchange.pointee.stream) }
    connection.markDirty()
}

@inline(__always)
private func receiveBody(_ pointer: UnsafeMutableRawPointer, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
    let exchange = exchange(pointer)
    let loop = exchange.pointee.connection.pointee.loop
    guard exchange.pointee.stage == .reading else { return exchange.dropBody(count) }
    guard exchange.pointee.count + count <= exchange.bodyAtMost else {
        loop.pointee.meter.refused(.bodyTooLarge)
        return exchange.answer(.bodyTooLarge)
    }
    guard loop.pointee.bufferedBytes + count <= loop.pointee.limits.pointee.bufferedBytes else { return exchange.answer(.overloaded) }
    loop.pointee.bufferedBytes += count
    exchange.pointee.buffered += count
    exchange.pointee.append(bytes, count)
}

@inline(__always)
private func completeRequest(_ pointer: UnsafeMutableRawPointer) {
    let exchange = exchange(pointer)
    guard exchange.pointee.stage == .reading else { return }
    exchange.pointee.connection.enqueueReady(exchange)
}

@inline(__always)
private func closeExchange(_ pointer: UnsafeMutableRawPointer, _ code: UInt32) {
    let exchange = exchange(pointer)
    exchange.pointee.connection.pointee.loop.abandon(exchange)
}

// MARK: - Reading fields

/// Whether the bytes are this text, ASCII case aside. `text` is lower case.
@inline(__always)
func spells(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    var index = 0
    while index < count {
        let byte = bytes[index]
        let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
        if lower != text.utf8Start[index] { return false }
        index += 1
    }
    return true
}

private let applicationJSON: StaticString = "application/json"

/// Eight bytes as one word.
@inline(__always)
private func memory(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
}

private func method(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Exchange.Method {
    switch (count, bytes[0]) {
    case (4, 0x50): isExactly(bytes, "POST", 4) ? .post : .unknown
    case (3, 0x47): isExactly(bytes, "GET", 3) ? .get : .unknown
    case (4, 0x48): isExactly(bytes, "HEAD", 4) ? .head : .unknown
    case (3, 0x50): isExactly(bytes, "PUT", 3) ? .other : .unknown
    case (5, 0x50): isExactly(bytes, "PATCH", 5) ? .other : .unknown
    case (5, 0x54): isExactly(bytes, "TRACE", 5) ? .other : .unknown
    case (6, 0x44): isExactly(bytes, "DELETE", 6) ? .delete : .unknown
    case (7, 0x4F): isExactly(bytes, "OPTIONS", 7) ? .other : .unknown
    default: .unknown
    }
}

private func isExactly(_ bytes: UnsafePointer<UInt8>, _ text: StaticString, _ count: Int) -> Bool {
    for index in 0..<count where bytes[index] != text.utf8Start[index] { return false }
    return true
}

/// Whether a media type means JSON to us: `application/json`, anything `+json`, and what curl sends when nothing was said
/// (`application/x-www-form-urlencoded`). Parameters do not matter.
private func isJSON(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    if count == 16, memory(bytes) == memory(applicationJSON.utf8Start), memory(bytes + 8) == memory(applicationJSON.utf8Start + 8) { return true }
    let end = bareMediaType(bytes, count)
    if end == 0 || spells(bytes, end, "application/json") || spells(bytes, end, "application/x-www-form-urlencoded") { return true }
    return end > 5 && spells(bytes + (end - 5), 5, "+json")
}

/// Whether a media type means one JSON object a line; none is registered, these are in use.
private func isNDJSON(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let end = bareMediaType(bytes, count)
    return spells(bytes, end, "application/x-ndjson") || spells(bytes, end, "application/ndjson") || spells(bytes, end, "application/jsonl")
}

/// Bytes of a media type without its parameters.
private func bareMediaType(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var end = 0
    while end < count, bytes[end] != 0x3B { end += 1 }
    while end > 0, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return end
}
