import Foundation
import Ledgers
import Primitives
import Testing

@Suite struct ExportCommandTests {
    /// A state folder with the route `films` and `count` predictions, one a second, the newest a minute ago.
    private func logged(_ count: Int, now: Timestamp = .now) throws -> Program {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 1)])
        let ledger = try Ledger(weir.state, now: now)
        let records = (0..<count).map { number in
            PredictionRecord(
                key: [1, 2, 3, 4, 5, 6, 7, 8, 0] + (0..<5).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }, route: "films",
                at: now.advanced(bySeconds: Int64(number - count - 60)), unit: 17, assigned: "champion", served: "champion", revision: 1,
                reason: .assigned, status: 200, latencyMicroseconds: 250, label: 1, scores: [0.25, 0.75],
                answer: #"{"label":"Drama"}"#, input: #"{"year":1994,"title":"a, \"b\""}"#)
        }
        for start in stride(from: 0, to: count, by: 5_000) { try ledger.appendPredictions(Array(records[start..<min(start + 5_000, count)])) }
        return weir
    }

    @Test("each row is a JSON object with all columns; the summary goes to standard error")
    func ndjson() throws {
        let run = try logged(3).run("export", "predictions", "--route", "films")
        #expect(run.code == 0)
        #expect(run.errors.wholeMatch(of: /3 rows in \d+\.\d s \(\d+\/s\)\n/) != nil)
        let rows = try run.output.split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
        #expect(rows.map { $0.count } == [15, 15, 15])
        #expect(rows.map { $0["prediction"] as? String } == ["AQIDBAUGBwgAAAAAAAA", "AQIDBAUGBwgAAQAAAAA", "AQIDBAUGBwgAAgAAAAA"])
        #expect((rows[0]["input"] as? [String: Any])?["title"] as? String == "a, \"b\"")
        #expect((rows[0]["answer"] as? [String: Any])?["label"] as? String == "Drama")
        #expect(rows[0]["unit"] as? String == "0000000000000011")
        #expect(rows[0]["reason"] as? String == "assigned")
    }

    @Test("the key's first 18 characters are characters 49 to 66 of the prediction's id")
    func keyIsInID() throws {
        let weir = try logged(0)
        let id = PredictionID(
            route: NameHash(of: "films"), assigned: NameHash(of: "a"), served: NameHash(of: "a"), revision: 1, reason: .assigned, time: 1, unit: 2,
            nonce: 0x1122_3344_5566_7788, reactor: 3, sequence: 0x12_3456_789A)
        var text = [UInt8](repeating: 0, count: PredictionID.textCount)
        var span = text.mutableSpan
        var characters = span.mutableBytes
        id.encode(into: &characters, signedBy: Primitives.PredictionKey(id: 0, secret: SipHash.Key(low: 1, high: 2)))
        let key: [UInt8] = [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 3, 0x9A, 0x78, 0x56, 0x34, 0x12]
        try Ledger(weir.state, now: .now).appendPredictions([
            PredictionRecord(
                key: key, route: "films", at: Timestamp(milliseconds: 1), unit: nil, assigned: "a", served: "a", revision: 1, reason: .assigned,
                status: 200, latencyMicroseconds: 1, label: nil, scores: [], answer: nil, input: nil)
        ])
        let line = try weir.run("export", "predictions", "--route", "films", "--format", "csv").output.split(whereSeparator: \.isNewline)[1]
        #expect(line.prefix(18) == String(decoding: text[48..<66], as: UTF8.self))
        #expect(line.dropFirst(19).hasPrefix(",1970-01-01T00:00:00.001Z,films,,a,a,1,assigned,200,1,,[],,,false"))
    }

    @Test("moments and --limit choose the rows, from the oldest; variables do as well as options")
    func choosing() throws {
        let weir = try logged(100)
        func count(_ words: String..., environment: [String: String] = [:]) throws -> Int {
            let run = try weir.run(["export", "predictions", "--route", "films"] + words, environment: environment)
            #expect(run.code == 0)
            return run.output.split(whereSeparator: \.isNewline).count
        }
        #expect(try count() == 100)
        #expect(try count("--limit", "7") == 7)
        // The newest is 61 seconds old.
        #expect(try (1...60).contains(count("--since", "2m")))
        #expect(try count("--until", "1h") == 0)
        #expect(try count(environment: ["WEIR_LIMIT": "3", "WEIR_SINCE": "1h", "WEIR_FORMAT": "csv"]) == 4)
    }

    @Test("a file gets its name when it is complete, is for its owner only, and nothing is left beside it")
    func file() throws {
        let weir = try logged(10)
        let path = weir.folder + "/out.csv"
        let run = try weir.run("export", "predictions", "--route", "films", "--format", "csv", "--output", path)
        #expect(run.code == 0 && run.output.isEmpty)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.components(separatedBy: "\r\n").count == 12 && text.hasPrefix("prediction,at,route,unit,"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: weir.folder).contains("out.csv.part"))
        let full = try weir.run("export", "predictions", "--route", "films", "--output", "/dev/full")
        #expect(full == Program.Run(code: 1, output: "", errors: "weir: /dev/full cannot be written (No space left on device)\n"))
        let nowhere = try weir.run("export", "predictions", "--route", "films", "--output", "no/such/file")
        #expect(nowhere.errors == "weir: no/such/file cannot be written (No such file or directory)\n")
    }

    @Test("a reader that goes away ends the export quietly")
    func brokenPipe() throws {
        let weir = try logged(20_000)
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let run = try weir.run(["export", "predictions", "--route", "films"], output: pipe.fileHandleForWriting)
        #expect(run == Program.Run(code: 0, output: "", errors: ""))
    }

    @Test("outcomes have columns of their own, with or without rows")
    func outcomes() throws {
        let run = try logged(1).run("export", "outcomes", "--route", "films", "--format", "csv")
        #expect(run.code == 0)
        #expect(run.output.hasPrefix("prediction,name,value,counted,state,truth,") && run.output.hasSuffix(",bucket,declaration\r\n"))
    }

    @Test("what cannot be is refused with the name of the option")
    func refusals() throws {
        let weir = try logged(1)
        let cases: [([String], Int32, String)] = [
            (["predictions", "--route", "flims"], 1, "weir: no route 'flims' in this ledger; known routes: films\n"),
            (["predictions"], 64, "weir: missing --route (or WEIR_ROUTE): whose rows to export"),
            (["predictions", "--route", "films", "--limit", "0"], 64, "weir: --limit: 0 is less than 1"),
            (["predictions", "--route", "films", "--since", "1h", "--until", "2h"], 64, "weir: --since: "),
            (["labels", "--route", "films"], 64, "weir: The value 'labels' is invalid for '<table>'"),
            (["predictions", "--route", "films", "--format", "xml"], 64, "weir: The value 'xml' is invalid for '--format <format>'"),
        ]
        for (words, code, message) in cases {
            let run = try weir.run(["export"] + words)
            #expect(run.code == code && run.errors.hasPrefix(message) && run.output.isEmpty, "\(run)")
        }
    }
}
