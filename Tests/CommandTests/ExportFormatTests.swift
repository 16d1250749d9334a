import Foundation
import Testing

@testable import Ledgers
@testable import weir

@Suite struct ExportFormatTests {
    private func line(_ format: ExportFormat, _ cells: [ExportCell]) -> String {
        String(decoding: format.row(cells.indices.map { "c\($0)" }, cells), as: UTF8.self)
    }

    @Test(
        "CSV quotes what would break a row, and tells an empty text from none",
        arguments: [
            (ExportCell.null, ""), (.text(""), "\"\""), (.text("plain é"), "plain é"), (.text("a,b"), "\"a,b\""), (.text("a\"b"), "\"a\"\"b\""),
            (.text("a\r\nb"), "\"a\r\nb\""), (.text("a\nb"), "\"a\nb\""), (.text("=1+1"), "=1+1"), (.number("1.5"), "1.5"), (.flag(true), "true"),
            (.json(#"{"a":[1,2]}"#), #""{""a"":[1,2]}""#),
        ])
    func csv(cell: ExportCell, text: String) {
        #expect(line(.csv, [.number("0"), cell]) == "0,\(text)\r\n")
        #expect(ExportFormat.csv.head(["a", "b"]) == Array("a,b\r\n".utf8))
    }

    @Test(
        "NDJSON rows are objects that any parser reads, each on one line",
        arguments: ["", "plain é 😀", "a\"b\\c/d", "\u{0}\u{1}\n\r\t\u{1f}\u{7f}\u{2028}", "{}"])
    func ndjson(text: String) throws {
        let row = line(.ndjson, [.text(text), .null, .number("-1.5"), .flag(false), .json("[1,null]")])
        #expect(row.utf8.filter { $0 == 0x0A }.count == 1 && row.hasSuffix("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
        #expect(object["c0"] as? String == text)
        #expect(object["c1"] is NSNull)
        #expect(object["c2"] as? Double == -1.5)
        #expect(object["c3"] as? Bool == false)
        #expect((object["c4"] as? [Any])?.count == 2)
        #expect(ExportFormat.ndjson.head(["a"]).isEmpty)
    }

    @Test(
        "millionths are written exactly",
        arguments: [
            (0, "0"), (1_000_000, "1"), (1_500_000, "1.5"), (-1, "-0.000001"), (12_000_340, "12.00034"), (-9_000_000_000_000, "-9000000"),
            (.max, "9223372036854.775807"), (.min, "-9223372036854.775808"),
        ] as [(Int64, String)])
    func millionths(value: Int64, text: String) {
        #expect(ExportCell(millionths: value) == .number(text))
    }

    @Test("times agree with Foundation's, leap days and years before 1970 included")
    func times() {
        for day in stride(from: Int64(-40_000), to: 120_000, by: 13) {
            let time = Timestamp(milliseconds: day * 86_400_000 + (day * 7_919_317) % 43_200_000 + 43_200_000)
            let seconds = time.description.dropLast()
            let rest = time.milliseconds - (time.milliseconds >= 0 ? time.milliseconds / 1_000 : (time.milliseconds - 999) / 1_000) * 1_000
            #expect(ExportCell(time: time) == .text("\(seconds).\(String(format: "%03d", rest))Z"))
        }
    }

    @Test("scores that are not finite are null; hashes keep all sixteen digits")
    func odd() {
        #expect(ExportCell(scores: [0.25, .nan, -.infinity, 1e-5]) == .json("[0.25,null,null,1e-05]"))
        #expect(ExportCell(hash: 0xAB) == .text("00000000000000ab"))
        #expect(ExportCell(hash: .max) == .text("ffffffffffffffff"))
        #expect(ExportCell(hash: nil) == .null)
    }

    @Test("a row has a cell for each column, an erased outcome null for what it was about")
    func outcome() {
        let outcome = ExportedOutcome(
            prediction: nil, route: "films", name: "watched", unit: nil, assigned: "a", served: "b", revision: 3, reason: "assigned", label: 2,
            predictedAt: Timestamp(milliseconds: 0), receivedAt: Timestamp(milliseconds: 1), at: nil, bucket: 255, declaration: 1,
            state: "late", value: 2_500_000, counted: 1_000_000, truth: nil, logLoss: nil, brier: 1)
        let cells = Dictionary(uniqueKeysWithValues: zip(ExportColumns.outcomes, ExportColumns.cells(outcome)))
        #expect(ExportColumns.outcomes.count == ExportColumns.cells(outcome).count && cells.count == 20)
        #expect(cells["prediction"] == .null && cells["unit"] == .null && cells["truth"] == .null && cells["at"] == .null)
        #expect(cells["value"] == .number("2.5") && cells["counted"] == .number("1") && cells["brier"] == .number("0.000001"))
        #expect(cells["received_at"] == .text("1970-01-01T00:00:00.001Z") && cells["state"] == .text("late"))
        #expect(cells["label"] == .number("2") && cells["bucket"] == .number("255") && cells["name"] == .text("watched"))
    }

    @Test("progress comes each five seconds, on a terminal five times a second, and ends with the whole")
    func progress() {
        let start = ContinuousClock.now
        var lines = ExportProgress(isTerminal: false, start: start)
        #expect(lines.count(10, now: start.advanced(by: .seconds(4))) == nil)
        #expect(lines.count(10, now: start.advanced(by: .seconds(5))) == "20 rows in 5.0 s (4/s)\n")
        #expect(lines.count(1, now: start.advanced(by: .seconds(6))) == nil)
        #expect(lines.ending(now: start.advanced(by: .seconds(7))) == "21 rows in 7.0 s (3/s)\n")
        var bar = ExportProgress(isTerminal: true, start: start)
        #expect(bar.count(1, now: start.advanced(by: .milliseconds(200))) == "\r1 row in 0.2 s (5/s)\u{1b}[K")
    }
}
