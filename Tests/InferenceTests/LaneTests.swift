import Glibc
import Synchronization
import Testing

@testable import Inference

@Suite struct LaneTests {
    func lane(_ model: ModelWriter, _ columns: [Column], maxRows: Int) throws -> Lane {
        let session = try Rig.session(model)
        return try Lane(session: session, binding: Binding(session: session, columns: columns, labels: nil), maxRows: maxRows)
    }

    /// `x` of `element` comes back as float64 scores: two classes, or one value.
    func caster(_ element: UInt64) -> ModelWriter {
        var model = ModelWriter.identity(element)
        model.outputs = [ModelWriter.tensor("y", 11, [.open, .fixed(2)])]
        model.nodes = [ModelWriter.node("Cast", ["x"], ["y"], [ModelWriter.attribute("to", integer: 11)])]
        return model
    }

    @Test(
        "every numeric input type takes the contract's numbers",
        arguments: [
            (1, -2.5), (2, 200), (3, -100), (4, 60_000), (5, -30_000), (6, -2_000_000_000), (7, -9_007_199_254_740_991), (9, 1), (11, 0.1),
            (12, 4_000_000_000), (13, 9_007_199_254_740_992),
        ] as [(UInt64, Double)])
    func elements(element: UInt64, number: Double) throws {
        var lane = try lane(caster(element), Rig.numbers("a", "b"), maxRows: 3)
        #expect(lane.run(numbers: [[0, 1], [number, 0], [1, number]]) == .ok)
        #expect(lane.scores(3) == [0, 1, Float(number), 0, 1, Float(number)])
        #expect(lane.labels(3)[0] == 1)
    }

    @Test(
        "a number that an integer input cannot hold exactly names its column",
        arguments: [
            (7, 1.5), (7, .nan), (7, 1e19), (6, 2_147_483_648), (2, -1), (2, 256), (3, 128), (4, -1), (5, 32_768), (9, 2), (9, .nan),
            (12, -1),
            (13, -0.5), (13, .infinity),
        ] as [(UInt64, Double)])
    func misfits(element: UInt64, number: Double) throws {
        var lane = try lane(caster(element), Rig.numbers("a", "b"), maxRows: 1)
        #expect(lane.fill(row: 0, slots: [1, number], text: []) == 1)
        #expect(lane.fill(row: 0, slots: [number, 1], text: []) == 0)
        #expect(lane.fill(row: 0, slots: [1, 1], text: []) == -1)
    }

    @Test("NaN and infinity come through")
    func nonFinite() throws {
        var lane = try lane(.identity(), Rig.numbers("a", "b"), maxRows: 1)
        #expect(lane.run(numbers: [[.nan, -.infinity]]) == .ok)
        #expect(lane.scores[0].isNaN)
        #expect(lane.scores[1] == -.infinity)
    }

    @Test("batches of changing size answer for their own rows only")
    func sizes() throws {
        var lane = try lane(.identity(), Rig.numbers("a", "b"), maxRows: 8)
        for rows in [8, 1, 5, 2, 8, 3] {
            let numbers = (0..<rows).map { [Double($0 * rows), Double($0)] }
            #expect(lane.run(numbers: numbers) == .ok)
            #expect(lane.scores(rows) == numbers.flatMap { $0.map { Float($0) } })
        }
    }

    @Test("a binding serves another session of the same file")
    func sharedBinding() throws {
        let binding = try Binding(session: Rig.session(.classifier()), columns: Rig.numbers("a", "b"), labels: nil)
        var lane = try Lane(session: Rig.session(.classifier()), binding: binding, maxRows: 1)
        #expect(lane.run(numbers: [[1, 2]]) == .ok)
        #expect(lane.labels[0] == 1)
    }

    // MARK: texts

    /// The label is the text that came in; its classes are given.
    static func echo() -> ModelWriter {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("x", 8, [.open, .fixed(1)])]
        model.outputs = [ModelWriter.tensor("label", 8, [.open, .fixed(1)])]
        model.nodes = [ModelWriter.node("Identity", ["x"], ["label"])]
        return model
    }

    func echoLane(_ names: [String], maxRows: Int) throws -> Lane {
        let session = try Rig.session(Self.echo())
        let binding = try Binding(session: session, columns: [Column(name: "x", isText: true)], labels: names)
        return try Lane(session: session, binding: binding, maxRows: maxRows)
    }

    @Test("texts go in and labels come out as classes; an unknown one is -1")
    func echoes() throws {
        let names = ["oak", "pine", "a name that is longer than any short string of a library", "", "Ölweide"]
        var lane = try echoLane(names, maxRows: 7)
        for order in [[0, 1, 2, 3, 4], [4, 4], [3], [2, 0]] {
            #expect(lane.run(order.map { [.text(names[$0])] }) == .ok)
            #expect(lane.labels(order.count) == order.map(Int32.init))
        }
        #expect(lane.run([[.text("oa")], [.text("oak")], [.text("oaks")], [.text("pine\0apple")]]) == .ok)
        #expect(lane.labels(4) == [-1, 0, -1, 1])
    }

    @Test("a label longer than all that are known fails the run, and the next one works")
    func longLabel() throws {
        var lane = try echoLane(["oak", "pine"], maxRows: 2)
        #expect(lane.run([[.text(String(repeating: "x", count: 500))]]) == .failed(code: Lane.Fault.labelTextTooLong.rawValue))
        #expect(lane.reason.contains("longer"))
        #expect(lane.run([[.text("pine")]]) == .ok)
        #expect(lane.labels[0] == 1)
        #expect(lane.reason == "")
    }

    @Test("texts of a batch have room up to the limit; row 0 begins anew")
    func textLimit() throws {
        var lane = try echoLane(["oak"], maxRows: 2)
        let text = [UInt8](repeating: 120, count: Limits.textBytes)
        let half = [Double(bitPattern: UInt64(Limits.textBytes / 2))]
        #expect(lane.fill(row: 0, slots: half, text: text) == -1)
        #expect(lane.fill(row: 1, slots: half, text: text) == 0)
        #expect(lane.fill(row: 0, slots: half, text: text) == -1)
    }

    @Test("a matrix of strings takes its columns in order")
    func textMatrix() throws {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("x", 8, [.open, .fixed(2)])]
        model.outputs = [ModelWriter.tensor("label", 8, [.open])]
        model.tables = [ModelWriter.table("one", [], integers: [1])]
        model.nodes = [ModelWriter.node("Gather", ["x", "one"], ["label"], [ModelWriter.attribute("axis", integer: 1)])]
        let columns = ["a", "b"].map { Column(name: $0, isText: true) }
        let session = try Rig.session(model)
        let binding = try Binding(session: session, columns: columns, labels: ["oak", "pine"])
        var lane = try Lane(session: session, binding: binding, maxRows: 3)
        #expect(lane.run([[.text("oak"), .text("pine")], [.text("pine"), .text("oak")], [.text(""), .text("x")]]) == .ok)
        #expect(lane.labels(3) == [1, 0, -1])
    }

    // MARK: failures

    @Test("a model that refuses a row says why, and its shapes are then trusted as declared")
    func refusal() throws {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("x", 7, [.named("N"), .fixed(1)])]
        model.outputs = [ModelWriter.tensor("y", 1, [.named("N"), .fixed(1), .fixed(2)])]
        model.nodes = [
            ModelWriter.node(
                "OneHotEncoder", ["x"], ["y"], domain: "ai.onnx.ml",
                [
                    ModelWriter.attribute("cats_int64s", integers: [3, 5]), ModelWriter.attribute("zeros", integer: 0),
                ])
        ]
        let session = try Rig.session(model)
        let binding = try Binding(session: session, columns: Rig.numbers("a"), labels: ["three", "five"])
        #expect(try #require(binding.notice).contains("Unknown Category"))
        var lane = try Lane(session: session, binding: binding, maxRows: 2)
        #expect(lane.run(numbers: [[5], [3]]) == .ok)
        #expect(lane.scores(2) == [0, 1, 1, 0])
        #expect(lane.labels(2) == [1, 0])
        guard case .failed(let code) = lane.run(numbers: [[5], [4]]) else {
            Issue.record("an unknown category ran")
            return
        }
        #expect(code > 0)
        #expect(lane.reason.contains("Unknown Category"))
        #expect(lane.run(numbers: [[3]]) == .ok)
    }

    @Test("a run that would never end is stopped from another thread", .timeLimit(.minutes(1)))
    func terminate() throws {
        let session = try Rig.session(.endlessLoop())
        // Bound to the same shapes without the loop: a trial of it would not end either.
        let binding = try Binding(session: Rig.session(.identity()), columns: Rig.numbers("a", "b"), labels: nil)
        var lane = try Lane(session: session, binding: binding, maxRows: 1)
        let stopper = Stopper(lane.terminator)
        var thread = pthread_t()
        pthread_create(&thread, nil, stop, Unmanaged.passUnretained(stopper).toOpaque())
        let result = lane.run(numbers: [[1, 2]])
        stopper.isOver.store(true, ordering: .releasing)
        pthread_join(thread, nil)
        #expect(result.isTerminated)
        #expect(lane.reason == "the run was terminated: it took too long")
    }
}

/// Sets the terminate flag again and again until the run is over.
final class Stopper: Sendable {
    let terminator: Terminator
    let isOver = Atomic(false)

    init(_ terminator: Terminator) {
        self.terminator = terminator
    }
}

/// The thread's body; a free function, because a closure inside an isolated scope would trap on another thread.
private func stop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let stopper = Unmanaged<Stopper>.fromOpaque(argument).takeUnretainedValue()
    while !stopper.isOver.load(ordering: .acquiring) {
        stopper.terminator.terminate()
        sched_yield()
    }
    return nil
}
