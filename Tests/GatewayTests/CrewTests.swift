import Inference
import Primitives
import Processes
import Reactor
import Synchronization
import Testing

@testable import Gateway

@Suite("a crew", .timeLimit(.minutes(1))) struct CrewTests {
    @Test(
        "answers what an inline run answers, rows and texts being its own copies",
        arguments: ["tensor-string", "forest", "flat-regression"])
    func answers(model: String) throws {
        let rows = (0..<8 as Range<Int>).map { row -> [Double] in
            let number = Double(row)
            return [number, number / 3, 0.5, 8 - number]
        }
        let rig = try CrewRig(Rig.model(model), threads: 2)
        let set = try Rig.lanes(model)
        let inline = set.lanes[0]
        defer { withExtendedLifetime(set) {} }
        for count in 1...8 { rig.send(Array(rows.prefix(count)), UInt64(count)) }
        for answer in rig.collect(8) {
            let count = Int(answer.ticket)
            for row in 0..<count { #expect(inline.pointee.lane.fill(row: row, slots: rows[row], text: [0]) == -1) }
            let result = inline.pointee.lane.run(rows: count)
            let labels: [Int32] = (0..<count).map { inline.pointee.lane.labels[$0] }
            let scores: [Float] = (0..<count * inline.pointee.scoreCount).map { inline.pointee.lane.scores[$0] }
            #expect(result == .ok)
            #expect(answer.result == .ok && answer.took > 0)
            #expect(answer.labels == labels)
            #expect(answer.scores == scores)
        }
    }

    @Test("takes texts along, wherever they stood")
    func texts() throws {
        let columns = [Column(name: "height", isText: false), Column(name: "width", isText: false), Column(name: "colour", isText: true)]
        let rig = try CrewRig(Rig.model("columns"), columns: columns)
        let text = Array("redblue".utf8)
        func row(_ offset: UInt64, _ count: UInt64) -> [Double] { [1, 1, Double(bitPattern: offset << 32 | count)] }
        let (red, blue, none) = (row(0, 3), row(3, 4), row(5, 0))
        rig.send([red, blue, none], 0, text: text)
        for (ticket, single) in [red, blue, none].enumerated() { rig.send([single], UInt64(ticket + 1), text: text) }
        let found = rig.collect(4).sorted { $0.ticket < $1.ticket }
        #expect(found.allSatisfy { $0.result == .ok })
        #expect(found[0].scores == found[1].scores + found[2].scores + found[3].scores)
        #expect(Set([found[1].scores, found[2].scores, found[3].scores]).count == 3)
    }

    @Test("says which value does not fit the model, and runs nothing")
    func misfit() throws {
        let rig = try CrewRig(Rig.model("int64"))
        rig.send([[1, 2, 3, 4], [1, 2.5, 3, 4]])
        let answer = try #require(rig.collect(1).first)
        #expect(answer.result == .misfit && answer.misfit == 1 && answer.misfitRow == 1 && answer.took == 0)
        rig.send([[1, 2, 3, 4]])
        #expect(rig.collect(1).map(\.result) == [.ok])
    }

    @Test("refuses what it has no room for, and takes it again later")
    func full() throws {
        let rig = try CrewRig(capacity: 4)
        rig.block(for: .milliseconds(300))
        let taken = (0..<6).map { rig.send([[1, 0, 0, 0]], $0) != nil }
        #expect(taken == [true, true, true, true, false, false])
        #expect(rig.handle.waitingRows == 4)
        #expect(rig.collect(4).map(\.ticket) == [0, 1, 2, 3])
        #expect(rig.send([[1, 0, 0, 0]], 9) != nil)
        #expect(rig.collect(1).map(\.ticket) == [9])
        #expect(rig.handle.waitingRows == 0)
    }

    @Test("refuses what would wait past its deadline, by what is predicted; an empty queue takes anything")
    func predicted() throws {
        let rig = try CrewRig(rowCost: .seconds(100))
        rig.block(for: .milliseconds(300))
        // The blocking job has not come back, so the prediction is still the one that was given.
        #expect(rig.send([[1, 0, 0, 0]], 1, within: .seconds(2)) != nil)
        #expect(rig.send([[1, 0, 0, 0]], 2, within: .seconds(99)) == nil)
        #expect(rig.send([[1, 0, 0, 0]], 3, within: .seconds(101)) != nil)
        #expect(rig.collect(2).map(\.ticket) == [1, 3])
    }

    @Test("learns what a row takes")
    func learns() throws {
        let rig = try CrewRig(rowCost: .seconds(100))
        for _ in 0..<200 {
            rig.send([[1, 0, 0, 0], [2, 0, 0, 0]])
            #expect(rig.collect(1).map(\.result) == [.ok])
        }
        #expect(rig.handle.predictedRow < .seconds(1))
    }

    @Test("skips what was cancelled or is late by the time of its turn")
    func skips() throws {
        let rig = try CrewRig()
        rig.block(for: .milliseconds(200))
        rig.send([[1, 0, 0, 0]], 1, isCancelled: true)
        rig.send([[1, 0, 0, 0]], 2, within: .milliseconds(20))
        let cancelledLater = try #require(rig.send([[1, 0, 0, 0]], 3))
        rig.send([[1, 0, 0, 0]], 4)
        rig.handle.cancel(cancelledLater)
        let found = rig.collect(4)
        #expect(found.map(\.ticket) == [1, 2, 3, 4])
        #expect(found.map(\.result) == [.cancelled, .late, .cancelled, .ok])
        #expect(found.map { $0.took > 0 } == [false, false, false, true])
        #expect(found[3].queueing >= .milliseconds(100))
    }

    @Test("a run without end is ended at its deadline, and the crew goes on")
    func endless() throws {
        let rig = try CrewRig()
        for _ in 0..<3 {
            rig.send([TurningModel.endless], 1, within: .milliseconds(50))
            let ended = try #require(rig.collect(1).first)
            #expect(ended.result == .terminated)
            #expect(ended.took + ended.queueing >= .milliseconds(50))
            rig.send([[3, 0, 0, 0]], 2)
            let next = try #require(rig.collect(1).first)
            #expect(next.result == .ok && next.scores == [-3])
        }
        #expect((0..<rig.quarters.watchList.count).allSatisfy { rig.quarters.watchList.slots.slot($0).stay == nil })
    }

    @Test("one thread in a model without end does not keep the others")
    func others() throws {
        let rig = try CrewRig(threads: 2)
        rig.block(for: .seconds(2))
        let before = MonotonicTime.now()
        for number in 0..<20 { rig.send([[2, 0, 0, 0]], UInt64(number)) }
        #expect(rig.collect(20).allSatisfy { $0.result == .ok && $0.scores == [2] })
        #expect(MonotonicTime.now().since(before) < .seconds(2))
    }

    @Test("a crew that is disbanded has ended its threads, cancelled what waited, and left its slots")
    func disbanded() throws {
        let rig = try CrewRig(threads: 3)
        let slots = rig.quarters.takeSlots(100)
        #expect(slots.count == GatewayLimits.crewThreads - 3)
        rig.quarters.giveBack(slots)
        for _ in 0..<3 { rig.block(for: .seconds(30)) }
        let waiting = [1, 2].compactMap { rig.send([[1, 0, 0, 0]], $0) }
        let before = MonotonicTime.now()
        rig.crew?.stop()
        #expect(MonotonicTime.now().since(before) < .seconds(20))
        var results: [UInt64: CrewJob.Result] = [:]
        while let job = rig.completions.pop() {
            if job.pointee.ticket != .max { results[job.pointee.ticket] = job.pointee.result }
            rig.handle.giveBack(job, reactor: CrewRig.reactor)
        }
        #expect(waiting.count == 2 && results == [1: .cancelled, 2: .cancelled])
        rig.disband()
        #expect(rig.quarters.takeSlots(100).count == GatewayLimits.crewThreads)
    }

    @Test("without a slot there is no crew, and the reason says so")
    func noSlots() throws {
        let rig = try CrewRig()
        _ = rig.quarters.takeSlots(GatewayLimits.crewThreads)
        let engine = try Rig.engine.get()
        let session = try TurningModel.bytes.withUnsafeBytes { try Session(engine: engine, bytes: $0, file: "test.onnx") }
        let binding = try Binding(session: session, columns: TurningModel.columns, labels: nil)
        #expect {
            _ = try Crew(
                quarters: rig.quarters, session: session, binding: binding, model: 7, isText: [false, false, false, false], maxRows: 8,
                threads: 2,
                rowCost: 1)
        } throws: {
            "\($0)".contains("slow models have 64 threads in all")
        }
    }

    @Test("jobs are used again: their memory does not grow, and a large one gives its back")
    func reuse() throws {
        let rig = try CrewRig(threads: 2)
        let pool = rig.handle.core.pointee.pools + CrewRig.reactor
        for round in 0..<300 {
            for number in 0..<3 { rig.send((0..<8).map { _ in [Double(round % 5), 0, 0, 0] }, UInt64(number)) }
            #expect(rig.collect(3).count == 3)
        }
        #expect(pool.pointee.freeCount == 3 && pool.pointee.takenCount == 0)
        let job = rig.handle.take(reactor: CrewRig.reactor)
        job.pointee.layOut(rows: 1_000, width: 4, scoreCount: 1, textBytes: 100_000)
        #expect(job.pointee.blockBytes > 100_000)
        rig.handle.giveBack(job, reactor: CrewRig.reactor)
        #expect(job.pointee.blockBytes == GatewayLimits.jobBytes)
    }
}

@Suite("a reactor's queue of finished jobs", .timeLimit(.minutes(1))) struct CompletionQueueTests {
    private struct Jobs: @unchecked Sendable {
        // Each pusher touches its own jobs until it has pushed them.
        let all: [CrewJobPointer]
    }

    @Test("gives every job once, each thread's in their order, and rings for the first of them")
    func order() async throws {
        let queue = try CompletionQueue()
        let poller = try Poller()
        _ = poller.add(queue.number, .read, token: 0)
        let (threads, count) = (3, 5_000)
        let jobs = Jobs(
            all: (0..<threads * count).map { number in
                let job = CrewJobPointer.allocate(capacity: 1)
                job.initialize(to: CrewJob(reactor: 0, blockBytes: 64))
                job.pointee.ticket = UInt64(number)
                return job
            })
        for thread in 0..<threads {
            Task.detached { for number in 0..<count { queue.push(jobs.all[thread * count + number]) } }
        }
        var seen = [[UInt64]](repeating: [], count: threads)
        while seen.map(\.count).reduce(0, +) < threads * count {
            try #require(poller.wait(timeout: .seconds(20)) > 0)
            queue.hear()
            while let job = queue.pop() { seen[Int(job.pointee.ticket) / count].append(job.pointee.ticket) }
        }
        for thread in 0..<threads { #expect(seen[thread] == (0..<count).map { UInt64(thread * count + $0) }) }
        #expect(queue.pop() == nil)
        #expect(poller.wait(timeout: 0) <= 1)
        queue.free()
        for job in jobs.all {
            job.deinitialize(count: 1)
            job.deallocate()
        }
    }
}
