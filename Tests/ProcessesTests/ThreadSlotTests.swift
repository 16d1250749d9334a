import Glibc
import Primitives
import Processes
import Testing

/// Slots as their thread, the watchdog and the next process see them.
@Suite("thread slots")
struct ThreadSlotTests {
    private let start = Instant(nanoseconds: 1_000)
    private let deadline = Instant(nanoseconds: 5_000)

    /// The same memory, as another process would have it.
    private func copy(of slots: ThreadSlots) throws -> ThreadSlots {
        try ThreadSlots(adopting: dup(slots.number))
    }

    @Test("a stay is seen while it lasts")
    func stay() throws {
        let slots = try ThreadSlots.make(threads: 3)
        defer { withExtendedLifetime(slots) {} }
        let slot = slots.slot(2)
        #expect(slot.stay == nil)
        slot.enter(route: 7, variant: 9, model: 11, now: start, deadline: deadline)
        let same = try copy(of: slots)
        let stay = try #require(withExtendedLifetime(same) { same.slot(2).stay })
        #expect((stay.route, stay.variant, stay.model) == (7, 9, 11))
        #expect((stay.since, stay.deadline) == (start, deadline))
        #expect(slots.slot(1).stay == nil)
        slot.leave()
        #expect(slot.stay == nil)
    }

    @Test("a mark of termination belongs to one stay")
    func terminated() throws {
        let slots = try ThreadSlots.make(threads: 1)
        defer { withExtendedLifetime(slots) {} }
        let slot = slots.slot(0)
        slot.enter(route: 1, variant: 1, model: 1, now: start, deadline: deadline)
        #expect(!slot.isTerminated)
        let stay = try #require(slot.stay)
        slot.markTerminated(stay)
        #expect(slot.isTerminated)
        #expect(slot.stay?.isTerminated == true)
        slot.leave()
        #expect(!slot.isTerminated)
        slot.enter(route: 1, variant: 1, model: 1, now: Instant(nanoseconds: 2_000), deadline: deadline)
        // The watchdog was late: it marks what is no longer there.
        slot.markTerminated(stay)
        #expect(!slot.isTerminated)
    }

    @Test("rows are kept in order, and forgotten when the thread leaves")
    func rows() throws {
        let slots = try ThreadSlots.make(threads: 2)
        defer { withExtendedLifetime(slots) {} }
        let slot = slots.slot(1)
        let text = Array("drama".utf8)
        slot.enter(route: 1, variant: 2, model: 3, now: start, deadline: deadline)
        slot.keep(slots: [1, 2, 3, 4, 5, 6], rows: 2, width: 3, text: nil, textCount: 0)
        slot.keep(slots: [.nan, 8], rows: 1, width: 2, text: text, textCount: text.count)
        let reading = try copy(of: slots).reading()
        #expect(reading.signal == nil)
        #expect(reading.culprit == nil)
        let occupant = try #require(reading.occupants.first)
        #expect(occupant.slot == 1)
        #expect(occupant.rows.map(\.width) == [3, 2])
        #expect(occupant.rows[0] == KeptRows(width: 3, slots: [1, 2, 3, 4, 5, 6], text: []))
        #expect(occupant.rows[1].slots[0].isNaN)
        #expect(occupant.rows[1].text == text)
        #expect(occupant.rowsLost == 0)
        slot.leave()
        #expect(slots.reading().occupants.isEmpty)
        slot.enter(route: 1, variant: 2, model: 3, now: start, deadline: deadline)
        #expect(slots.reading().occupants.first?.rows.isEmpty == true)
    }

    @Test("rows without room are counted, and what fits is kept")
    func fullSlot() throws {
        let slots = try ThreadSlots.make(threads: 1)
        defer { withExtendedLifetime(slots) {} }
        let slot = slots.slot(0)
        slot.enter(route: 1, variant: 2, model: 3, now: start, deadline: deadline)
        let width = 100
        let row = [Double](repeating: 0.5, count: width)
        let recordBytes = 16 + width * 8
        let fitting = SlotLimits.keptBytes / recordBytes
        for _ in 0..<fitting + 5 { slot.keep(slots: row, rows: 1, width: width, text: nil, textCount: 0) }
        let occupant = try #require(slots.reading().occupants.first)
        #expect(occupant.rows.count == fitting)
        #expect(occupant.rowsLost == 5)
    }

    @Test("memory that the crash itself has overwritten is read without one", arguments: 0..<200)
    func damaged(seed: UInt64) throws {
        let slots = try ThreadSlots.make(threads: 2)
        slots.slot(0).enter(route: 1, variant: 2, model: 3, now: start, deadline: deadline)
        slots.slot(0).keep(slots: [1, 2, 3, 4], rows: 2, width: 2, text: [65], textCount: 1)
        var random = SplitMix(seed: seed)
        let memory = try #require(mmap(nil, 8_192, PROT_READ | PROT_WRITE, MAP_SHARED, slots.number, 0))
        defer { munmap(memory, 8_192) }
        // The words of the head, of the first slot and of its first records, but not the one that says that somebody is inside.
        let places = Array(16..<32) + Array(4_096 + 8..<4_096 + 64) + Array(4_096 + 256..<4_096 + 400)
        for _ in 0..<1 + random.next() % 24 {
            let place = places[Int(random.next() % UInt64(places.count))]
            memory.storeBytes(of: UInt8(truncatingIfNeeded: random.next()), toByteOffset: place, as: UInt8.self)
        }
        let reading = slots.reading()
        #expect(reading.occupants.allSatisfy { $0.rows.allSatisfy { $0.slots.count * 8 <= SlotLimits.keptBytes } })
    }

    @Test("erased memory is as new, and takes none")
    func erased() throws {
        let slots = try ThreadSlots.make(threads: 4)
        slots.slot(3).enter(route: 1, variant: 2, model: 3, now: start, deadline: deadline)
        slots.slot(3).keep(slots: [1], rows: 1, width: 1, text: nil, textCount: 0)
        try slots.erase()
        // First, because reading a page of such memory makes it.
        var facts = stat()
        #expect(fstat(slots.number, &facts) == 0)
        #expect(facts.st_blocks * 512 == 4_096)
        #expect(slots.reading().occupants.isEmpty)
        #expect(try copy(of: slots).count == 4)
    }

    @Test("memory cannot be made shorter under a mapping")
    func sealed() throws {
        let slots = try ThreadSlots.make(threads: 1)
        #expect(ftruncate(slots.number, 0) == -1)
    }

    @Test("what is no such memory is refused")
    func foreign() throws {
        let other = try SharedMemory.make("other", byteCount: 100_000)
        let number = dup(other.number)
        #expect(throws: ProcessError("adopting thread slots from descriptor \(number)", code: EINVAL)) {
            _ = try ThreadSlots(adopting: number)
        }
        #expect(fcntl(number, F_GETFD) == -1, "it is closed")
    }

    @Test("only a bound thread has a CPU time")
    func cpuTime() throws {
        let slots = try ThreadSlots.make(threads: 1)
        #expect(withExtendedLifetime(slots) { slots.slot(0).cpuTime() } == nil)
    }
}
