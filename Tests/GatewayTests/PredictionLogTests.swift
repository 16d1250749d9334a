import Contracts
import Foundation
import Ledgers
import Logging
import Primitives
import Reactor
import Testing

@testable import Gateway

@Suite("the prediction log", .timeLimit(.minutes(1))) struct PredictionLogTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let served: UInt32
    private let assigned: UInt32

    /// A route of this suite only, since the numbers of shapes are the process's.
    private static let route = "noted-trees"

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        let fields = [
            ContractField(name: "year", kind: .number), ContractField(name: "title", kind: .string),
            ContractField(name: "person", kind: .string, isPrivate: true), ContractField(name: "length", kind: .number),
        ]
        let labels = ["oak", "pine"]
        assigned = PredictionShapes.shared.number(of: .init(route: Self.route, variant: "champion", fields: fields, labels: labels))
        served = PredictionShapes.shared.number(of: .init(route: Self.route, variant: "challenger", fields: fields, labels: labels))
    }

    /// A note as a reactor writes it.
    private func note(
        _ sequence: UInt64, to ring: PredictionRing, scores: [Float] = [0.25, 0.75], status: UInt16 = 200, label: UInt16 = 1,
        flags: PredictionID.Flags = [], title: String = "Weide"
    ) -> Bool {
        let (title, person) = (Array(title.utf8), Array("Ana".utf8))
        let slots = [1994, Double(bitPattern: UInt64(title.count)), Double(bitPattern: UInt64(person.count)), Double.nan]
        let head = PredictionNote(
            time: OutcomeRig.noon, latency: 1_234_567, unit: 99, nonce: 0x0807_0605_0403_0201, sequence: sequence, assigned: assigned,
            served: served,
            revision: 7, slotCount: 4, scoreCount: UInt32(scores.count), textCount: UInt32(title.count + person.count), status: status,
            label: label,
            reactor: 9, reason: ServedReason.retry.rawValue, flags: flags.rawValue)
        let bytes =
            withUnsafeBytes(of: head) { Array($0) + [UInt8](repeating: 0, count: MemoryLayout<PredictionNote>.stride - $0.count) }
            + slots.withUnsafeBytes { Array($0) } + scores.withUnsafeBytes { Array($0) } + title + person
        guard let room = ring.ring.reserve(bytes.count) else { return false }
        room.copyBytes(from: bytes)
        ring.ring.commit(bytes.count)
        return true
    }

    private func stored() throws -> [PredictionRecord] {
        var reader = PredictionReader(ledger, route: Self.route, since: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: .max))
        var rows: [PredictionRecord] = []
        while let page = try reader.next() { rows += page }
        return rows
    }

    /// Lets the thread store what waits.
    private func store(_ rings: [PredictionRing], _ lines: LogCollector = LogCollector()) throws -> PredictionLog {
        let log = try PredictionLog(
            rings: rings, ledger: Ledger(ledger.folder, busyTimeout: 0.01, now: .now), logger: Logger(label: "tests") { _ in lines })
        let thread = try log.start()
        log.stop()
        thread.join()
        return log
    }

    @Test("a note is stored as what it says, without private fields and without what has no value")
    func record() throws {
        let ring = PredictionRing(reactors: 1)
        #expect(note(0x05_0403_0201, to: ring))
        #expect(try store([ring]).count == 1)
        let row = try #require(try stored().first)
        #expect(row.key == [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5], "bytes 36 to 50 of the id")
        #expect(
            row.route == Self.route && row.assigned == "champion" && row.served == "challenger" && row.revision == 7 && row.reason == .retry
        )
        #expect(row.at.milliseconds == Int64(OutcomeRig.noon) && row.latencyMicroseconds == 1_234 && row.status == 200)
        #expect(row.unit == 99 && row.label == 1 && row.scores == [0.25, 0.75])
        #expect(row.input == #"{"year":1994,"title":"Weide"}"#)
        #expect(row.answer == #"{"label":"pine","probabilities":{"oak":0.25,"pine":0.75}}"#)
    }

    @Test("the key of a record is that of its prediction's id")
    func key() throws {
        let ring = PredictionRing(reactors: 1)
        #expect(note(77, to: ring))
        _ = try store([ring])
        let id = PredictionID(
            route: NameHash(value: 1), assigned: NameHash(value: 1), served: NameHash(value: 1), revision: 1, reason: .assigned, time: 1,
            unit: 1,
            nonce: 0x0807_0605_0403_0201, reactor: 9, sequence: 77)
        let text = OutcomeRig.text(id).replacing("-", with: "+").replacing("_", with: "/")
        let bytes = try #require(Data(base64Encoded: text))
        #expect(try stored().map(\.key) == [Array(bytes[36..<50])])
    }

    @Test("a prediction that is its own unit has none; a failed one has neither label nor scores")
    func failure() throws {
        let ring = PredictionRing(reactors: 1)
        #expect(note(1, to: ring, scores: [], status: 500, label: PredictionID.noLabel, flags: .ownUnit))
        _ = try store([ring])
        let row = try #require(try stored().first)
        #expect(row.unit == nil && row.label == nil && row.scores == [] && row.status == 500 && row.answer == #"{"status":500}"#)
    }

    @Test("all notes of all rings are stored, once, also those that fill several transactions")
    func many() throws {
        let rings = [PredictionRing(reactors: 2), PredictionRing(reactors: 2)]
        for sequence: UInt64 in 0..<1_203 { #expect(note(sequence, to: rings[Int(sequence % 3 == 0 ? 0 : 1)], title: "w\(sequence)")) }
        #expect(try store(rings).count == 1_203)
        let sequences = try stored().map { $0.key[9...].reversed().reduce(0) { $0 << 8 | Int($1) } }
        #expect(sequences.sorted() == Array(0..<1_203))
        #expect(try store(rings).count == 0)
    }

    @Test("a full ring refuses, and what it holds is still whole")
    func full() throws {
        let ring = PredictionRing(reactors: 1)
        var kept: UInt64 = 0
        while note(kept, to: ring, title: String(repeating: "t", count: 4_000)) { kept += 1 }
        #expect((200...256).contains(kept), "\(kept) notes of 4 KB in 1 MiB")
        #expect(try store([ring]).count == kept)
        #expect(try stored().allSatisfy { $0.input?.utf8.count == 4_000 + #"{"year":1994,"title":""}"#.utf8.count })
        #expect(note(kept, to: ring))
    }

    @Test("a locked ledger stores nothing and loses nothing; one line says so")
    func locked() throws {
        let ring = PredictionRing(reactors: 1)
        for sequence: UInt64 in 0..<10 { #expect(note(sequence, to: ring)) }
        let holder = try LockedLedger(ledger.folder.ledgerPath)
        let lines = LogCollector()
        #expect(try store([ring], lines).count == 0)
        #expect(lines.messages == ["predictions cannot be logged"])
        #expect(note(10, to: ring), "reactors go on")
        holder.release()
        #expect(try store([ring]).count == 11)
        #expect(try stored().count == 11)
    }

    @Test("failures that a reactor may note in a second share the bound", arguments: [(1, 100), (2, 50), (3, 33), (100, 1), (256, 1)])
    func failures(reactors: Int, each: Int) {
        #expect(PredictionRing(reactors: reactors).failuresPerSecond == each)
    }
}

@Suite("sampling of predictions") struct SamplingTests {
    private static func share(_ percent: Double) -> UInt64 { UInt64(percent / 100 * 4_294_967_296) }

    /// How many of the first `count` sequences of a reactor are taken.
    private func taken(_ count: Int, nonce: UInt64, reactor: Int, percent: Double, step: UInt64 = 1) -> Int {
        (0..<UInt64(count)).count {
            PredictionNote.isSampled(nonce: nonce, reactor: reactor, sequence: $0 * step, share: Self.share(percent))
        }
    }

    /// Whether a count of `count` fair draws is within four standard deviations: over all cases here, fewer than one run in a hundred would fail,
    /// and the seeds are fixed.
    private func isFair(_ found: Int, of count: Int, percent: Double) -> Bool {
        let share = percent / 100
        return abs(Double(found) - share * Double(count)) <= 4 * (Double(count) * share * (1 - share)).squareRoot()
    }

    @Test(
        "the share is that of the route file, for any start, reactor and stride", arguments: [0.1, 1, 10, 50, 99], [1, 2, 64] as [UInt64])
    func share(percent: Double, step: UInt64) {
        var seeds = SplitMix(seed: 17)
        for reactor in [0, 1, 255] {
            let found = taken(100_000, nonce: seeds.next(), reactor: reactor, percent: percent, step: step)
            #expect(isFair(found, of: 100_000, percent: percent), "\(found) at \(percent) %, reactor \(reactor)")
        }
    }

    @Test("0 takes none and 100 takes all")
    func ends() {
        #expect(taken(10_000, nonce: 5, reactor: 0, percent: 0) == 0 && taken(10_000, nonce: 5, reactor: 0, percent: 100) == 10_000)
    }

    @Test("whether one is taken says nothing about the next, about another reactor, or about another start")
    func independence() {
        let share = Self.share(10)
        let here = (0..<100_001 as Range<UInt64>).map { PredictionNote.isSampled(nonce: 21, reactor: 0, sequence: $0, share: share) }
        let there = (0..<100_001 as Range<UInt64>).map { PredictionNote.isSampled(nonce: 21, reactor: 1, sequence: $0, share: share) }
        let later = (0..<100_001 as Range<UInt64>).map { PredictionNote.isSampled(nonce: 22, reactor: 0, sequence: $0, share: share) }
        for other in [there, later, Array(here.dropFirst())] {
            let both = zip(here, other).count { $0 && $1 }
            #expect(isFair(both, of: 100_000, percent: 1), "\(both) of 100 000 pairs")
        }
    }

    @Test("a smaller share takes a part of what a larger one takes")
    func nested() {
        for sequence: UInt64 in 0..<20_000 where PredictionNote.isSampled(nonce: 3, reactor: 2, sequence: sequence, share: Self.share(1)) {
            #expect(PredictionNote.isSampled(nonce: 3, reactor: 2, sequence: sequence, share: Self.share(5)))
        }
    }
}
