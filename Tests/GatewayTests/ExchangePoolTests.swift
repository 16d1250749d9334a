import Primitives
import Testing

@testable import Gateway

@Suite("pooled exchanges") final class ExchangePoolTests {
    /// Never looked into: an exchange only remembers where they are.
    private let connection = ConnectionPointer.allocate(capacity: 1)
    private let slot = UnsafeMutablePointer<PlanSlot>.allocate(capacity: 1)

    deinit {
        connection.deallocate()
        slot.deallocate()
    }

    private func take(_ pool: inout ExchangePool, stream: Int32 = 0, at nanoseconds: UInt64 = 0) -> ExchangePointer {
        pool.take(connection: connection, stream: stream, planSlot: slot, now: Instant(nanoseconds: nanoseconds))
    }

    @Test("an exchange that comes back is used next, with nothing left of its request")
    func reuse() {
        var pool = ExchangePool()
        let first = take(&pool, stream: 5, at: 17)
        first.pointee.append([1, 2, 3], 3)
        first.pointee.stage = .answered
        first.pointee.fault = .draining
        first.pointee.token = 3
        first.pointee.unitCount = 9
        first.pointee.traceLow = 1
        let (buffer, notes) = (first.pointee.buffer, first.pointee.notes)
        pool.giveBack(first)

        let second = take(&pool, stream: 7, at: 18)
        #expect(second == first && second.pointee.buffer == buffer && second.pointee.notes == notes)
        #expect(second.pointee.stream == 7 && second.pointee.started == Instant(nanoseconds: 18))
        #expect(second.pointee.stage == .reading && second.pointee.fault == .none && second.pointee.token == -1)
        #expect(second.pointee.count == 0 && second.pointee.unitCount == 0 && second.pointee.traceLow == 0 && second.pointee.next == nil)
        pool.giveBack(second)
    }

    @Test("a buffer is kept up to a size, and given back beyond", arguments: [(0, true), (63, true), (64, true), (65, false), (90_000, false)])
    func keptCapacity(excess: Int, isKept: Bool) {
        var pool = ExchangePool()
        let exchange = take(&pool)
        exchange.pointee.reserve(ExchangePool.keptCapacity - 2 * Exchange.padding + excess)
        let grown = exchange.pointee.capacity
        #expect(isKept == (grown <= ExchangePool.keptCapacity))
        pool.giveBack(exchange)
        let again = take(&pool)
        #expect(again.pointee.capacity == (isKept ? grown : Exchange.firstCapacity))
        // The capacity is told as it is: all of it can be written.
        again.pointee.buffer.update(repeating: 0xAA, count: again.pointee.capacity)
        pool.giveBack(again)
    }

    @Test("the pool keeps so many exchanges and no more")
    func keptAtMost() {
        var pool = ExchangePool()
        let kept = (0..<ExchangePool.keptAtMost).map { _ in take(&pool) }
        let extra = take(&pool)
        for exchange in kept { pool.giveBack(exchange) }
        pool.giveBack(extra)
        // The last one kept is taken first; had the pool kept the extra one, that would come.
        let again = kept.map { _ in take(&pool) }
        #expect(again == kept.reversed())
        for exchange in again { pool.giveBack(exchange) }
    }

    @Test("a buffer grows with its content, and always leaves the padding behind it", arguments: [1, 63, 1_984, 1_985, 5_000, 300_000])
    func growth(bytes: Int) {
        var pool = ExchangePool()
        let exchange = take(&pool)
        let text = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 % 253) }
        exchange.pointee.append(text, bytes / 2)
        text.withUnsafeBufferPointer { exchange.pointee.append($0.baseAddress! + bytes / 2, bytes - bytes / 2) }
        #expect(Array(UnsafeBufferPointer(start: exchange.pointee.buffer, count: exchange.pointee.count)) == text)
        #expect(exchange.pointee.capacity >= bytes + Exchange.padding)
        #expect((exchange.pointee.capacity == Exchange.firstCapacity) == (bytes + Exchange.padding <= Exchange.firstCapacity))
        pool.giveBack(exchange)
    }

    @Test("unit key, path, digits and entity tag lie apart within the notes")
    func notes() {
        var pool = ExchangePool()
        let exchange = take(&pool)
        #expect(exchange.pointee.path - exchange.pointee.notes == GatewayLimits.unitBytes)
        #expect(exchange.pointee.digits - exchange.pointee.path == Exchange.pathBytes)
        #expect(exchange.pointee.entityTag - exchange.pointee.digits == Exchange.digitBytes)
        #expect(exchange.pointee.entityTag + GatewayLimits.entityTagBytes - exchange.pointee.notes == Exchange.noteBytes)
        pool.giveBack(exchange)
    }
}
