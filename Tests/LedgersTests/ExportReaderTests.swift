import GRDB
import Testing

@testable import Ledgers

@Suite struct ExportReaderTests {
    private func all(_ ledger: Ledger, since: Int64 = 0, until: Int64 = 1 << 40, limit: Int = 7) throws -> [PredictionRecord] {
        let noon = Timestamp.noon.milliseconds
        var reader = PredictionReader(
            ledger, route: "films", since: Timestamp(milliseconds: noon + since), until: Timestamp(milliseconds: noon + until))
        var records: [PredictionRecord] = []
        while let page = try reader.next(limit: limit) {
            #expect(!page.isEmpty && page.count <= limit)
            records += page
        }
        return records
    }

    @Test("what is read is what was appended, in the order of time, whatever the pages", arguments: [1, 2, 7, 1_000])
    func roundTrips(limit: Int) throws {
        let ledger = try TestFolder().open()
        var records = (0..<50).map { PredictionRecord.sample($0, unit: $0 % 3 == 0 ? .max - UInt64($0) : nil, input: #"{"a":1.50}"#) }
        // Many of one moment; they arrive out of order.
        for index in 10..<30 { records[index].at = records[10].at }
        records[4].answer = nil
        records[5].input = nil
        records[6].scores = []
        records[7].label = nil
        records[8].isTruncated = true
        try ledger.appendPredictions(records[25...] + records[..<25] + [.sample(99, route: "books")])
        let expected = (records[..<10] + records[25..<30] + records[10..<25] + records[30...])
        #expect(try all(ledger, limit: limit) == Array(expected))
    }

    @Test("the first moment counts, the last does not")
    func bounds() throws {
        let ledger = try TestFolder().open()
        try ledger.appendPredictions((0..<20).map { .sample($0) })
        #expect(try all(ledger, since: 5, until: 15).map(\.latencyMicroseconds) == Array(255..<265))
        #expect(try all(ledger, since: 20).isEmpty)
    }

    @Test("texts that are no JSON come as JSON strings, JSON comes compact and otherwise as it was")
    func json() throws {
        let ledger = try TestFolder().open()
        let texts = ["model-failed", "{\"a\": [1.50, 1e400,\n \"é\\u0000\"]}", "{\"a\":", "line\nbreak \"q\"", ""]
        try ledger.appendPredictions(texts.enumerated().map { .sample($0, input: $1) })
        #expect(
            try all(ledger).map(\.input) == [
                "\"model-failed\"", "{\"a\":[1.50,1e400,\"é\\u0000\"]}", "\"{\\\"a\\\":\"", "\"line\\nbreak \\\"q\\\"\"", "\"\"",
            ])
    }

    @Test("a page ends where its rows become long, and the next one goes on there")
    func longRows() throws {
        let ledger = try TestFolder().open()
        let long = "\"" + String(repeating: "x", count: 1 << 20) + "\""
        try ledger.appendPredictions((0..<10).map { .sample($0, input: long) })
        var reader = PredictionReader(ledger, route: "films", since: .noon, until: .noon.advanced(bySeconds: 1))
        var pages: [Int] = []
        while let page = try reader.next(limit: 1_000) { pages.append(page.count) }
        #expect(pages == [4, 4, 2])
    }

    @Test("outcomes come in the order of arrival, between the moments, of the route, whatever the pages", arguments: [1, 3, 1_000])
    func outcomes(stretch: Int64) throws {
        let ledger = try TestFolder().open()
        try ledger.change { db in
            for number in 0..<20 {
                try db.execute(
                    sql: """
                        INSERT INTO outcomes (route, name, prediction, unit, assigned, served, revision, reason, label, predicted_at,
                            received_at, at, bucket, declaration, state, value, counted)
                        VALUES (?, 'watched', ?, ?, 'a', 'b', 3, 'assigned', 1, 1000, ?, NULL, 255, 1, ?, ?, ?)
                        """,
                    arguments: [
                        number % 2 == 0 ? "films" : "books", number == 4 ? nil : blob(PredictionRecord.key(number)), number == 4 ? nil : -1,
                        2_000 + number, number % 4, number * 500_000, number == 6 ? 1 : nil,
                    ])
            }
        }
        var reader = ExportedOutcomeReader(
            ledger, route: "films", since: Timestamp(milliseconds: 2_004), until: Timestamp(milliseconds: 2_010))
        var rows: [ExportedOutcome] = []
        while let page = try reader.next(stretch: stretch) { rows += page }
        #expect(rows.map(\.value) == [2_000_000, 3_000_000, 4_000_000])
        #expect(rows.map(\.counted) == [2_000_000, 1, 4_000_000])
        #expect(rows.map(\.prediction) == [nil, PredictionRecord.key(6), PredictionRecord.key(8)])
        #expect(rows.map(\.unit) == [nil, .max, .max])
        #expect(rows.map(\.state) == ["counted", "uncounted", "counted"])
        #expect(rows.map(\.bucket) == [255, 255, 255])
    }

    @Test("a ledger without outcomes has no page of them")
    func noOutcomes() throws {
        var reader = ExportedOutcomeReader(try TestFolder().open(), route: "films", since: .noon, until: .noon)
        #expect(try reader.next() == nil)
    }
}
