import Glibc
import Primitives
import Processes
import Testing

/// Processes that die, and what they leave behind. Each dies in an exit test; this process keeps the memory.
@Suite("crashes")
struct CrashTests {
    /// In the child: the slots that the parent made, opened through /proc (an exit test inherits no descriptor), with thread 1 inside variant 9.
    private static func work(_ parent: Int32, _ number: Int32) throws -> ThreadSlots {
        let slots = try ThreadSlots(adopting: open("/proc/\(parent)/fd/\(number)", O_RDWR | O_CLOEXEC))
        try slots.handleCrashes()
        try slots.slot(1).bind()
        slots.slot(0).enter(route: 7, variant: 8, model: 1, now: Instant(nanoseconds: 1), deadline: Instant(nanoseconds: 2))
        slots.slot(1).enter(route: 7, variant: 9, model: 2, now: Instant(nanoseconds: 3), deadline: Instant(nanoseconds: 4))
        slots.slot(1).keep(slots: [1.5, 2.5], rows: 1, width: 2, text: nil, textCount: 0)
        return slots
    }

    @Test("a fault names the signal, the thread and what it was inside")
    func fault() async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        await #expect(processExitsWith: .signal(SIGSEGV)) { [parent = parent as Int32, number = number as Int32] in
            _ = try Self.work(parent, number)
            UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
        }
        let reading = slots.reading()
        #expect(reading.signal == SIGSEGV)
        #expect(reading.slot == 1)
        #expect(!reading.isHang)
        #expect(reading.occupants.map(\.variant) == [8, 9])
        #expect(reading.culprit?.variant == 9)
        #expect(reading.culprit?.rows == [KeptRows(width: 2, slots: [1.5, 2.5], text: [])])
    }

    @Test("an overflow of the stack is handled on another one")
    func overflow() async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        await #expect(processExitsWith: .signal(SIGSEGV)) { [parent = parent as Int32, number = number as Int32] in
            _ = try Self.work(parent, number)
            exit(descend(1) == 0 ? 1 : 2)
        }
        #expect(slots.reading().culprit?.variant == 9)
    }

    @Test("abort, traps and signals from outside are noted too", arguments: [SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP])
    func raised(signal: Int32) async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        let result = await #expect(processExitsWith: .failure) {
            [parent = parent as Int32, number = number as Int32, signal = signal as Int32] in
            _ = try Self.work(parent, number)
            raise(signal)
        }
        #expect(result?.exitStatus == .signal(signal))
        #expect(slots.reading().signal == signal)
        #expect(slots.reading().slot == 1)
    }

    @Test("a hang is told from a crash of the same thread")
    func hang() async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        await #expect(processExitsWith: .signal(SIGABRT)) { [parent = parent as Int32, number = number as Int32] in
            let slots = try Self.work(parent, number)
            guard slots.slot(1).cpuTime() != nil else { exit(3) }
            guard !slots.declareHang(slots.slot(0)) else { exit(4) }
            _ = slots.declareHang(slots.slot(1))
            exit(5)
        }
        let reading = slots.reading()
        #expect(reading.isHang)
        #expect(reading.signal == SIGABRT)
        #expect(reading.culprit?.variant == 9)
    }

    @Test("a crash of a thread that is bound to no slot has no culprit")
    func unbound() async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        await #expect(processExitsWith: .signal(SIGABRT)) { [parent = parent as Int32, number = number as Int32] in
            try Self.work(parent, number).slot(1).unbind()
            abort()
        }
        let reading = slots.reading()
        #expect(reading.signal == SIGABRT)
        #expect(reading.slot == nil)
        #expect(reading.culprit == nil)
        #expect(reading.occupants.count == 2)
    }

    @Test("after SIGKILL everybody who was inside is known, and no signal")
    func killed() async throws {
        let slots = try ThreadSlots.make(threads: 2)
        let (parent, number) = (getpid(), slots.number)
        await #expect(processExitsWith: .signal(SIGKILL)) { [parent = parent as Int32, number = number as Int32] in
            _ = try Self.work(parent, number)
            kill(getpid(), SIGKILL)
        }
        let reading = slots.reading()
        #expect(reading.signal == nil)
        #expect(reading.occupants.map(\.variant) == [8, 9])
    }
}

/// Calls itself until the stack is full.
@inline(never) private func descend(_ depth: UInt64) -> UInt64 {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 512) { room in
        room[Int(depth % 512)] = depth
        return descend(depth &+ 1) &+ room[Int(depth % 512)]
    }
}
