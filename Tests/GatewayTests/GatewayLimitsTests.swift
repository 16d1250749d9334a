import Contracts
import HTTPWire
import Primitives
import Testing

@testable import Gateway

@Suite("settable limits") struct GatewayLimitsTests {
    /// Where each name's value is found again.
    static let readers: [String: @Sendable (GatewayLimits) -> UInt64] = [
        "handshake-ms": { $0.handshake / 1_000_000 }, "head-ms": { $0.head / 1_000_000 }, "body-ms": { $0.body / 1_000_000 },
        "idle-ms": { $0.idle / 1_000_000 }, "write-stall-ms": { $0.writeStall / 1_000_000 }, "linger-ms": { $0.linger / 1_000_000 },
        "drain-ms": { $0.drain / 1_000_000 }, "connections": { UInt64($0.connections) }, "concurrency": { UInt64($0.concurrency) },
        "shed-target-ms": { $0.shedTarget / 1_000_000 }, "shed-interval-ms": { $0.shedInterval / 1_000_000 }, "header-bytes": { UInt64($0.wire.headBytes) },
        "header-count": { UInt64($0.wire.headerCount) }, "body-bytes": { UInt64($0.bodyBytes) },
        "buffered-bytes": { UInt64($0.bufferedBytes) }, "streams": { UInt64($0.wire.streams) },
        "outcome-days": { $0.outcomeDays }, "prediction-log-days": { $0.predictionDays },
        "prediction-log-rows": { UInt64($0.predictionRows) }, "prediction-log-bytes": { UInt64($0.predictionBytes) },
        "quarantine-ms": { $0.quarantineTime / 1_000_000 }, "quarantine-bytes": { UInt64($0.quarantineBytes) },
    ]

    @Test("each name is known once")
    func names() {
        #expect(GatewayLimits.settable.map(\.name).sorted() == Self.readers.keys.sorted())
    }

    @Test("each name sets its own limit, over its whole range, and no other", arguments: GatewayLimits.settable.map(\.name))
    func sets(name: String) throws {
        let range = try #require(GatewayLimits.settable.first { $0.name == name }).range
        for value in [range.lowerBound, range.upperBound] {
            var limits = GatewayLimits()
            var expected = Self.readers.mapValues { $0(limits) }
            limits.set(name, to: value)
            expected[name] = value
            #expect(Self.readers.mapValues { $0(limits) } == expected)
        }
    }

    @Test("what is set when nobody sets it lies within its range", arguments: GatewayLimits.settable.map(\.name))
    func defaults(name: String) throws {
        let range = try #require(GatewayLimits.settable.first { $0.name == name }).range
        let read = try #require(Self.readers[name])
        #expect(range.contains(read(GatewayLimits())))
    }

    @Test("a reactor can be made at both ends of every range", arguments: [true, false])
    func ends(isUpper: Bool) throws {
        var limits = GatewayLimits()
        for (name, range) in GatewayLimits.settable { limits.set(name, to: isUpper ? range.upperBound : range.lowerBound) }
        // What EventLoopSeed makes of the limits; a value out of hand would trap or throw.
        let hasRules = H2Rules(limits: limits.wire) != nil
        #expect(hasRules)
        _ = H1Scratch(limits.wire)
        _ = try BodyDecoder(maxBody: limits.bodyBytes)
        let rows = RowArena(slotsAtMost: 0, bodyBytes: limits.bodyBytes)
        let hasRoom = rows.hasRoom(slots: RowArena.slotsAtLeast, bytes: limits.bodyBytes)
        #expect(hasRoom)
        let now = Instant(nanoseconds: 1 << 62)
        var wheel = TimerWheel(capacity: limits.connections, now: now)
        let last = limits.connections - 1
        wheel.arm(last, at: now.advanced(by: limits.idle))
        let deadline = wheel.nextDeadline
        #expect(deadline != nil)
    }
}
