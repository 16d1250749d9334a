import Foundation
import Primitives
import Reactor
import Synchronization
import Testing

@testable import Gateway

@Suite("access lines") struct AccessTextTests {
    /// A record of a prediction.
    private static func record(_ change: (inout AccessRecord) -> Void = { _ in }) -> AccessRecord {
        let names = LogNames.shared
        var record = AccessRecord(
            wallMilliseconds: 1_795_379_590_042, duration: 1_234_567, traceHigh: 0x0af7_6519_16cd_43dd, traceLow: 0x8448_eb21_1c80_319c,
            bytesOut: 210, rows: 3, route: names.number(ofRoute: "films", path: "/v1/films"), variant: names.number(ofVariant: "cham\"pion"),
            revision: 12, status: 200, method: Exchange.Method.post.rawValue, reason: ServedReason.override.rawValue, isHTTP2: true, reactor: 1)
        change(&record)
        return record
    }

    private static func lines(_ records: AccessRecord...) -> String {
        var text = AccessText(version: "1.2.3")
        for record in records { text.append(record) }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private static let constants =
        #","log.level":"info","message":"request","ecs.version":"8.11.0","service.name":"weir","service.version":"1.2.3","#
        + #""event.kind":"event","event.category":["web"],"event.type":["access"],"event.dataset":"weir.access","#

    @Test("a prediction's line holds every field, in this order") func whole() {
        let expected =
            #"{"@timestamp":"2026-11-22T20:33:10.042Z""# + Self.constants
            + #""event.duration":1234567,"event.outcome":"success","http.request.method":"POST","http.response.status_code":200,"#
            + #""http.response.body.bytes":210,"http.version":"2","trace.id":"0af7651916cd43dd8448eb211c80319c","url.path":"/v1/films","#
            + #""weir.route":"films","weir.variant":"cham\"pion","weir.revision":12,"weir.rows":3,"weir.reason":"override","weir.reactor":1}"#
        #expect(Self.lines(Self.record()) == expected + "\n")
    }

    @Test("what an answer has not is left out") func bare() {
        let bare = Self.record {
            ($0.route, $0.variant, $0.traceHigh, $0.traceLow) = (0, 0, 0, 0)
            ($0.status, $0.method, $0.isHTTP2) = (404, Exchange.Method.other.rawValue, false)
        }
        let expected =
            #"{"@timestamp":"2026-11-22T20:33:10.042Z""# + Self.constants
            + #""event.duration":1234567,"event.outcome":"failure","http.response.status_code":404,"http.response.body.bytes":210,"#
            + #""http.version":"1.1","weir.reactor":1}"#
        #expect(Self.lines(bare) == expected + "\n")
    }

    @Test("a route without a variant has no revision, no rows and no reason") func refused() throws {
        let line = Self.lines(Self.record { ($0.variant, $0.status) = (0, 400) })
        let object = try Rig.json(line.utf8)
        #expect(object["weir.route"] as? String == "films" && object["url.path"] as? String == "/v1/films")
        #expect(["weir.variant", "weir.revision", "weir.rows", "weir.reason"].allSatisfy { object[$0] == nil })
    }

    @Test("the largest numbers are whole") func largest() throws {
        let line = Self.lines(
            Self.record { record in
                (record.duration, record.traceHigh, record.traceLow) = (.max, .max, 1)
                (record.bytesOut, record.rows, record.revision, record.reactor) = (.max, .max, .max, .max)
            })
        let object = try Rig.json(line.utf8)
        #expect(object["event.duration"] as? Int == .max, "ECS has a signed number here")
        #expect(object["trace.id"] as? String == "ffffffffffffffff0000000000000001")
        #expect(object["weir.revision"] as? Int == Int(UInt32.max) && object["weir.reactor"] as? Int == 255)
    }

    @Test("the buffer is one line after the other, and empty again when cleared") func many() throws {
        var text = AccessText(version: "1")
        var count = 0
        while !text.isFull {
            text.append(Self.record { $0.rows = UInt32(count) })
            count += 1
        }
        let lines = text.bytes.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == count && text.bytes.last == UInt8(ascii: "\n"))
        for (index, line) in lines.enumerated() { #expect(try Rig.json(line)["weir.rows"] as? Int == index) }
        text.clear()
        #expect(text.bytes.isEmpty && !text.isFull)
    }

    @Test("names longer than the buffer fit") func longNames() throws {
        let long = String(repeating: "é", count: AccessText.fullAt)
        let number = LogNames.shared.number(ofVariant: long)
        #expect(try Rig.json(Self.lines(Self.record { $0.variant = number }).utf8)["weir.variant"] as? String == long)
    }

    @Test("names that came after the first line are found") func laterNames() throws {
        var text = AccessText(version: "1")
        text.append(Self.record())
        text.clear()
        let number = LogNames.shared.number(ofVariant: "later-\(UUID().uuidString)")
        text.append(Self.record { $0.variant = number })
        #expect(try Rig.json(text.bytes)["weir.variant"] as? String != nil)
    }

    @Test("dates agree with Foundation's") func dates() {
        var random = SplitMix(seed: 4)
        let edges: [UInt64] = [0, 68_169_599, 68_169_600, 951_782_400, 951_868_800, 1_709_164_800, 4_107_542_400, 253_402_300_799]
        for second in edges + (0..<2_000).map({ _ in random.next() % 253_402_300_800 }) {
            var bytes = [UInt8](repeating: 0, count: 20)
            bytes.withUnsafeMutableBufferPointer { writeDate(second, to: $0.baseAddress!) }
            let expected = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601).dropLast() + "."
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }
}

/// An output that keeps what it gets, or loses it.
final class KeptOutput: LogOutput {
    let text = Mutex("")
    let isFull = Atomic(false)

    func isReady(within milliseconds: Int32) -> Bool { true }
    func write(_ lines: UnsafeRawBufferPointer) -> Int {
        if isFull.load(ordering: .relaxed) { return lines.count { $0 == UInt8(ascii: "\n") } }
        text.withLock { $0 += String(decoding: lines, as: UTF8.self) }
        return 0
    }
    func follow() -> Int { 0 }
}

@Suite("log lines on their way") struct LogLinesTests {
    @Test("event lines are written in order, once") func order() throws {
        let output = KeptOutput()
        let log = try LogLines(to: output, version: "1")
        log.post("first\n")
        log.post("second\n")
        #expect(output.text.withLock { $0 }.isEmpty, "a caller does not write")
        log.flush()
        log.flush()
        #expect(output.text.withLock { $0 } == "first\nsecond\n" && log.linesLost == 0)
    }

    @Test("lines that cannot be written, and lines beyond what may wait, are counted") func lost() throws {
        let output = KeptOutput()
        let log = try LogLines(to: output, version: "1")
        let long = String(repeating: "x", count: LogLines.waitingAtMost / 2 - 1) + "\n"
        for _ in 0..<3 { log.post(long) }
        #expect(log.linesLost == 1)
        output.isFull.store(true, ordering: .relaxed)
        log.flush()
        #expect(log.linesLost == 3)
        output.isFull.store(false, ordering: .relaxed)
        log.post("after\n")
        log.flush()
        #expect(output.text.withLock { $0 } == "after\n" && log.linesLost == 3)
    }

    @Test("the log thread writes event lines and every ring's records, and ends with all of them written") func thread() throws {
        let output = KeptOutput()
        let log = try LogLines(to: output, version: "1")
        let rings = (0..<3).map { _ in AccessRing(share: 1) }
        let record = AccessRecord(
            wallMilliseconds: 0, duration: 1, traceHigh: 0, traceLow: 0, bytesOut: 0, rows: 0, route: 0, variant: 0, revision: 0, status: 200,
            method: 0, reason: 0, isHTTP2: false, reactor: 0)
        let access = try AccessLog(rings: rings, log: log)
        let thread = try access.start()
        for ring in rings {
            for _ in 0..<2_000 {
                let fits = ring.ring.push(record)
                #expect(fits)
            }
        }
        log.post("event\n")
        access.stop()
        thread.join()
        let lines = output.text.withLock { $0.split(separator: "\n") }
        #expect(lines.count == 6_001 && lines.count { $0 == "event" } == 1)
    }
}
