import Inference
import Primitives
import Testing

@testable import Gateway

@Suite("a model's queue on one reactor") final class ModelLaneTests {
    private let model: LaneSet
    private let connection = ConnectionPointer.allocate(capacity: 1)
    private let slot = UnsafeMutablePointer<PlanSlot>.allocate(capacity: 1)
    private var pool = ExchangePool()

    private var lane: UnsafeMutablePointer<ModelLane> { model.lanes[0] }

    init() throws {
        model = try Rig.lanes(maxRows: 8)
    }

    deinit {
        connection.deallocate()
        slot.deallocate()
    }

    /// An exchange of so many rows that waits; its number is its stream.
    private func enqueue(_ number: Int, rows: Int) -> ExchangePointer {
        let exchange = pool.take(connection: connection, stream: Int32(number), planSlot: slot, now: Instant(nanoseconds: 0))
        exchange.pointee.rows = rows
        lane.enqueue(exchange)
        return exchange
    }

    /// The next batch as numbers and rows of its exchanges, which go back to the pool.
    private func dequeue() -> (numbers: [Int], rows: [Int])? {
        guard let batch = lane.dequeueBatch() else { return nil }
        var (numbers, rows) = ([Int](), [Int]())
        var next: ExchangePointer? = batch.first
        while let exchange = next {
            next = exchange.pointee.next
            numbers.append(Int(exchange.pointee.stream))
            rows.append(exchange.pointee.rows)
            pool.giveBack(exchange)
        }
        #expect(batch.rows == rows.reduce(0, +))
        return (numbers, rows)
    }

    /// Rows in the order of arrival, and the batches they must come out in.
    static let batches: [(rows: [Int], batches: [[Int]])] = [
        ([], []), ([1], [[1]]), ([8], [[8]]), ([4, 4], [[4, 4]]), ([4, 5], [[4], [5]]), ([3, 3, 3], [[3, 3], [3]]),
        ([8, 1, 8], [[8], [1], [8]]), ([1, 1, 1, 1, 1, 1, 1, 1, 1], [[1, 1, 1, 1, 1, 1, 1, 1], [1]]),
        ([5, 4, 3], [[5], [4, 3]]),  // the 3 would fit beside the 5, but comes after the 4
    ]

    @Test("a batch takes the first that fit, never more rows than a call has", arguments: batches)
    func bounds(rows: [Int], batches: [[Int]]) {
        for (number, count) in rows.enumerated() { #expect(enqueue(number, rows: count).pointee.stage == .running) }
        #expect(lane.pointee.waitingRows == rows.reduce(0, +))
        var found: [[Int]] = []
        while let batch = dequeue() { found.append(batch.rows) }
        #expect(found == batches)
        #expect(lane.pointee.waitingRows == 0 && lane.pointee.first == nil && lane.pointee.last == nil)
    }

    @Test("nobody overtakes and nobody is lost, whatever comes in between")
    func order() {
        var (random, given, taken, rows) = (SplitMix(seed: 3), 0, [Int](), 0)
        for _ in 0..<400 {
            for _ in 0..<random.next() % 4 {
                let count = 1 + Int(random.next() % 8)
                _ = enqueue(given, rows: count)
                given += 1
                rows += count
            }
            if random.next() % 3 > 0, let batch = dequeue() {
                #expect((1...8).contains(batch.rows.reduce(0, +)))
                taken += batch.numbers
                rows -= batch.rows.reduce(0, +)
            }
            #expect(lane.pointee.waitingRows == rows)
        }
        while let batch = dequeue() { taken += batch.numbers }
        #expect(taken == Array(0..<given))
    }

    @Test("a lane learns what a row costs, a tenth at a time, and predicts what waits")
    func cost() {
        lane.pointee.rowCost = 1_000
        lane.pointee.learn(rows: 4, took: 8_000)
        #expect(abs(lane.pointee.rowCost - 1_100) < 1e-6)
        for _ in 0..<200 { lane.pointee.learn(rows: 10, took: 5_000) }
        #expect(abs(lane.pointee.rowCost - 500) < 1)
        #expect(lane.pointee.predicted == 0)
        _ = enqueue(0, rows: 3)
        _ = enqueue(1, rows: 4)
        #expect(lane.pointee.predicted == 7 * lane.pointee.rowCost)
        #expect(dequeue()?.numbers == [0, 1])
    }

    @Test("one file has a lane a reactor, each with memory of its own, and knows its classes")
    func laneSets() throws {
        let classifier = try Rig.lanes("tensor-string", reactors: 3)
        #expect(classifier.count == 3 && classifier.isClassification)
        #expect(classifier.labels == ["oak", "pine", "willow"] && classifier.scoreCount == 3)
        #expect(Set((0..<3).map { classifier.lanes[$0].pointee.lane.scores }).count == 3)
        #expect((0..<3).allSatisfy { classifier.lanes[$0].pointee.rowsAtMost == 8 })
        #expect(!model.isClassification && model.labels == [] && model.scoreCount == 1)
    }

    @Test("names from a route file replace those of the model, and must be as many")
    func labels() throws {
        #expect(try Rig.lanes("tensor-int64", labels: ["x", "y", "z"]).labels == ["x", "y", "z"])
        #expect(throws: InferenceError.self) { try Rig.lanes("tensor-int64", labels: ["x", "y"]) }
        #expect(throws: InferenceError.self) { try Rig.lanes("flat-regression", labels: ["x", "y"]) }
    }
}
