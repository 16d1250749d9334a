import Inference
import Primitives
import Processes
import Testing

@testable import Gateway

@Suite("where a model runs") struct PlacementTests {
    private static let limit = GatewayLimits.inlineRow
    typealias Place = Placement.Place

    static let cases: [(row: Nanoseconds?, pin: Place?, hasWorkers: Bool, place: Place, reason: Placement.Reason)] = [
        (limit, nil, true, .inline, .measured), (limit + 1, nil, true, .workers, .measured),
        (1, .workers, true, .workers, .pinned), (.seconds(1), .inline, true, .inline, .pinned),
        (nil, nil, true, .inline, .given), (nil, .workers, true, .workers, .pinned),
        (.seconds(1), nil, false, .inline, .given), (1, .workers, false, .inline, .given),
    ]

    @Test("is measured, unless the route file says it or there is no choice", arguments: cases)
    func decides(row: Nanoseconds?, pin: Place?, hasWorkers: Bool, place: Place, reason: Placement.Reason) {
        #expect(Placement.of(row: row, pin: pin, hasWorkers: hasWorkers) == Placement(place: place, reason: reason, row: row))
    }

    @Test("a model that is put aside is not measured, and comes back on workers", arguments: [nil, Place.inline])
    func held(pin: Place?) throws {
        let set = try open(TurningModel.bytes, samples: nil, .init(quarters: quarters(), pin: pin, isHeld: true))
        #expect(set.placement == Placement(place: pin ?? .workers, reason: pin == nil ? .given : .pinned, row: nil))
        #expect((set.crew == nil) == (pin == .inline))
    }

    private func open(_ bytes: [UInt8], samples: SampleRows?, _ offer: Placement.Offer) throws -> LaneSet {
        let engine = try Rig.engine.get()
        return try bytes.withUnsafeBytes {
            try LaneSet(
                engine: engine, bytes: $0, file: "test.onnx", columns: TurningModel.columns, labels: nil, reactors: 2, maxRows: 8, model: 5,
                samples: samples, offer: offer)
        }
    }

    private func quarters() throws -> CrewQuarters { try CrewQuarters(reactors: 2, slots: .make(threads: CrewQuarters.slots(reactors: 2))) }

    @Test("a model that takes long for a row gets a crew, with as many threads as there are reactors; a quick one does not")
    func measured() throws {
        let quarters = try quarters()
        let slow = try open(TurningModel.bytes, samples: SampleRows(rows: [[20_000, 0, 0, 0]]), .init(quarters: quarters))
        #expect(slow.placement.place == .workers && slow.placement.reason == .measured)
        #expect(try #require(slow.placement.row) > GatewayLimits.inlineRow)
        #expect(slow.crew != nil && slow.workers == 2)
        #expect(slow.crew?.predictedRow == slow.placement.row)
        let quick = try open(Rig.model("flat-regression"), samples: SampleRows(rows: [[1, 2, 3, 4]]), .init(quarters: quarters))
        #expect(quick.placement.reason == .measured && quick.placement.row != nil)
        if quick.placement.place == .inline { #expect(quick.crew == nil && quick.workers == 0) }
    }

    @Test("a model whose run was ended on a reactor moves to workers, once")
    func moves() throws {
        let set = try open(Rig.model("flat-regression"), samples: nil, .init(quarters: quarters()))
        #expect(try !set.moveIfEnded())
        set.lanes[1].pointee.askForWorkers()
        #expect(try set.moveIfEnded())
        #expect(set.placement == Placement(place: .workers, reason: .moved, row: nil))
        #expect(set.crew != nil)
        set.lanes[0].pointee.askForWorkers()
        #expect(try !set.moveIfEnded())
    }

    @Test("without quarters it stays where it is")
    func stays() throws {
        let set = try open(Rig.model("flat-regression"), samples: nil, .reactorsOnly)
        set.lanes[0].pointee.askForWorkers()
        #expect(try !set.moveIfEnded())
        #expect(set.crew == nil)
    }

    @Test("with no slot left it stays on the reactors, and asks again at the next run that is ended")
    func noSlots() throws {
        let quarters = try quarters()
        let slots = quarters.takeSlots(GatewayLimits.crewThreads)
        let set = try open(Rig.model("flat-regression"), samples: nil, .init(quarters: quarters))
        set.lanes[0].pointee.askForWorkers()
        #expect(throws: InferenceError.self) { try set.moveIfEnded() }
        #expect(set.placement.place == .inline)
        quarters.giveBack(slots)
        #expect(try !set.moveIfEnded())
        set.lanes[0].pointee.askForWorkers()
        #expect(try set.moveIfEnded())
    }

    @Test("a set that is let go disbands its crew")
    func freed() throws {
        let quarters = try quarters()
        var set: LaneSet? = try open(Rig.model("flat-regression"), samples: nil, .init(quarters: quarters, pin: .workers))
        #expect(set?.workers == 2)
        set = nil
        #expect(quarters.takeSlots(100).count == GatewayLimits.crewThreads)
    }
}

extension SampleRows {
    /// Rows of numbers.
    fileprivate init(rows: [[Double]]) {
        self.init(slots: rows.flatMap(\.self), text: [], width: rows[0].count)
    }
}
