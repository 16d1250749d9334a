import Synchronization
import Testing

@testable import Primitives

/// Puts a record of these bytes; false when it does not fit.
private func put(_ bytes: [UInt8], in ring: borrowing ByteRing, reserving: Int? = nil) -> Bool {
    guard let room = ring.reserve(reserving ?? bytes.count) else { return false }
    room.copyBytes(from: bytes)
    ring.commit(bytes.count)
    return true
}

/// Takes the oldest record's bytes.
private func take(from ring: borrowing ByteRing) -> [UInt8]? {
    guard let record = ring.first() else { return nil }
    let bytes = [UInt8](record)
    ring.removeFirst()
    return bytes
}

/// Bytes that tell a record from every other one of its length.
private func pattern(_ number: Int, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
}

@Suite struct ByteRingTests {
    @Test("has at least the bytes asked for", arguments: [(1, 64), (64, 64), (65, 128), (1_000, 1_024), (1 << 20, 1 << 20)])
    func roundsCapacityUp(_ asked: Int, _ given: Int) {
        let ring = ByteRing(byteCapacity: asked)
        #expect(ring.byteCapacity == given)
        #expect(ring.longestRecord == given / 2 - 8)
    }

    @Test("gives every length back as it was, wherever in the memory it begins")
    func roundTrips() {
        let ring = ByteRing(byteCapacity: 256)
        for number in 0..<10_000 {
            let bytes = pattern(number, count: number % (ring.longestRecord + 1))
            // Empty before each record: the longest fits from every position.
            let wasTaken = put(bytes, in: ring)
            let received = take(from: ring)
            guard wasTaken, received == bytes else {
                Issue.record("record \(number) of \(bytes.count) bytes: \(wasTaken), \(received?.count ?? -1) bytes")
                return
            }
        }
        let rest = take(from: ring)
        #expect(rest == nil)
    }

    @Test("is a queue: the same records as a list, for any order of puts and takes", arguments: [1, 2, 3, 4] as [UInt64])
    func agreesWithList(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let ring = ByteRing(byteCapacity: 512)
        var list: [[UInt8]] = []
        var refused = 0
        for number in 0..<20_000 {
            if Int.random(in: 0..<2, using: &random) == 0 {
                let reserved = Int.random(in: 0...ring.longestRecord / 2, using: &random)
                let bytes = pattern(number, count: Int.random(in: 0...reserved, using: &random))
                let wasTaken = put(bytes, in: ring, reserving: reserved)
                if !wasTaken && list.isEmpty { Issue.record("an empty ring refused \(reserved) bytes") }
                if wasTaken { list.append(bytes) } else { refused += 1 }
            } else {
                let received = take(from: ring)
                guard received == (list.isEmpty ? nil : list.removeFirst()) else {
                    Issue.record("another record than number \(number)'s")
                    return
                }
            }
        }
        #expect(refused > 0)
    }

    @Test("refuses what does not fit, takes it once there is room, and never a record longer than half of the memory")
    func refuses() {
        let ring = ByteRing(byteCapacity: 64)
        let longest = pattern(1, count: 24)
        var taken: [Bool] = []
        for _ in 0..<3 { taken.append(put(longest, in: ring)) }
        #expect(taken == [true, true, false])
        let tooLong = [ring.reserve(25) == nil, ring.reserve(-1) == nil, ring.reserve(.max) == nil]
        #expect(tooLong == [true, true, true])
        ring.removeFirst()
        let again = put(longest, in: ring)
        #expect(again)
    }

    @Test("a reservation that is not committed leaves nothing behind, and the record before it stays readable")
    func givesUp() {
        let ring = ByteRing(byteCapacity: 128)
        var taken: [Bool] = []
        for number in 1...2 { taken.append(put(pattern(number, count: 40), in: ring)) }
        ring.removeFirst()
        // Of 128 bytes 96 are passed: this one would begin anew at the beginning, behind a skip.
        taken.append(ring.reserve(40) != nil)
        taken.append(put(pattern(3, count: 8), in: ring))
        #expect(taken == [true, true, true, true])
        var received: [[UInt8]] = []
        while let bytes = take(from: ring) { received.append(bytes) }
        #expect(received == [pattern(2, count: 40), pattern(3, count: 8)])
    }

    @Test("a record stays in place until it is removed, and starts at a multiple of eight bytes")
    func staysInPlace() {
        let ring = ByteRing(byteCapacity: 256)
        for count in [3, 5, 8] { _ = put(pattern(count, count: count), in: ring) }
        for count in [3, 5, 8] {
            let addresses = (0..<2).map { _ in ring.first().flatMap(\.baseAddress).map(UInt.init(bitPattern:)) }
            #expect(addresses[0] == addresses[1])
            #expect(addresses[0].map { $0 % 8 } == 0)
            let bytes = take(from: ring)
            #expect(bytes == pattern(count, count: count))
        }
        // Removing from an empty ring does nothing.
        ring.removeFirst()
        let isEmpty = ring.first() == nil
        #expect(isEmpty)
    }

    /// Shares the ring between two tasks: a class gives it one address.
    private final class Shared: Sendable {
        let ring = ByteRing(byteCapacity: 4_096)
        let finished = Atomic<Bool>(false)
    }

    @Test("one thread's records arrive on another whole, in order, none twice; what is missing was refused", .timeLimit(.minutes(1)))
    func crossesThreads() async {
        let shared = Shared()
        let count = 200_000
        async let refused: Int = Task.detached {
            var refused = 0
            for number in 0..<count {
                // The number itself, then up to 200 bytes that follow from it.
                let length = 8 + number % 201
                guard let room = shared.ring.reserve(length) else {
                    refused += 1
                    continue
                }
                room.storeBytes(of: number, as: Int.self)
                for offset in 8..<length { room[offset] = UInt8(truncatingIfNeeded: number &+ offset) }
                shared.ring.commit(length)
            }
            shared.finished.store(true, ordering: .releasing)
            return refused
        }.value
        var received = 0
        var next = 0
        while true {
            let wasFinished = shared.finished.load(ordering: .acquiring)
            guard let record = shared.ring.first() else {
                if wasFinished { break }
                await Task.yield()
                continue
            }
            let number = record.load(as: Int.self)
            let isWhole = record.count == 8 + number % 201 && (8..<record.count).allSatisfy { record[$0] == UInt8(truncatingIfNeeded: number &+ $0) }
            guard number >= next, isWhole else {
                Issue.record("record \(number) after \(next), \(record.count) bytes")
                return
            }
            shared.ring.removeFirst()
            next = number + 1
            received += 1
        }
        #expect(await received + refused == count)
        #expect(received >= 16)
    }
}
