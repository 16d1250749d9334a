import Contracts
import RouteFiles
import TLS
import Testing

@testable import Gateway

@Suite("sample rows") struct SampleRowsTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func samples(_ route: RouteText) throws -> SampleRows {
        try folder.write(route)
        let found = RouteFolder.read(folder.routes) { path in try FileBytes(path).withBytes { SHA256Digest.hexadecimal(of: $0) } }
        let file = try #require(found.routes.first, "\(found.complaints)")
        return try SampleRows(file: file, contract: Contract(of: file))
    }

    /// The reason for which a route's samples are refused.
    private func refusal(_ route: RouteText) throws -> String? {
        do {
            _ = try samples(route)
            return nil
        } catch let failure as SampleRows.Failure {
            return failure.reason
        }
    }

    private func route(_ sample: String? = nil) throws -> RouteText {
        var route = RouteText(try .init("only", model: "forest"))
        route.sample = sample
        return route
    }

    @Test("rows are read in order, one a line; blank lines and labels beside the features do no harm")
    func file() throws {
        let samples = try samples(route("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}\n\n{\"d\":8,\"c\":7,\"label\":\"oak\",\"b\":6,\"a\":5}\n"))
        #expect(samples.width == 4 && samples.count == 2 && samples.slots == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test("a row that breaks the contract is told by its line, blank lines counted", arguments: [
        (#"{"a":99,"b":0,"c":0,"d":0}"#, "a"), (#"{"a":0,"b":"x","c":0,"d":0}"#, "b"), (#"{"a":0,"b":0,"d":0}"#, "c"), ("{", ""), ("[]", ""),
        (#"{"instances":[{"a":0,"b":0,"c":0,"d":0},{"a":0,"b":0,"c":0,"d":0}]}"#, ""),
    ])
    func broken(row: String, field: String) throws {
        let good = #"{"a":0,"b":0,"c":0,"d":0}"#
        let reason = try #require(try refusal(route("\(good)\n\n\(row)\n\(good)\n")))
        #expect(reason.hasPrefix("line 3: ") && reason.contains(field.isEmpty ? "" : "\"\(field)\""), "\(reason)")
    }

    @Test("every row of the longest file is read: all are the reference of drift")
    func many() throws {
        let rows = (0..<SampleRows.rowsAtMost).map { #"{"a":\#($0 % 10),"b":0,"c":0,"d":0}"# }
        let samples = try samples(route(rows.joined(separator: "\n")))
        #expect(SampleRows.rowsAtMost == 10_000 && samples.count == 10_000 && samples.slots[4 * 9_995] == 5)
    }

    @Test("without a file, rows are drawn within the contract, the same each time")
    func drawn() throws {
        var route = try route()
        route.input[1] = "{ name: b, type: integer, min: 3, max: 5 }"
        route.input[2] = "{ name: c, type: boolean }"
        let (one, two) = (try samples(route), try samples(route))
        #expect(one.count == 64 && one.slots == two.slots)
        let columns = (0..<4).map { column in (0..<one.count).map { one.slots[4 * $0 + column] } }
        #expect(columns[0].allSatisfy { (-10...10).contains($0) } && Set(columns[0]).count > 32)
        #expect(Set(columns[1]).isSubset(of: [3, 4, 5]) && Set(columns[1]).count > 1)
        #expect(Set(columns[2]) == [0, 1])
    }

    @Test("texts are kept where their slots say, those by default as well")
    func texts() throws {
        var route = try route("{\"a\":0,\"b\":\"Weide\",\"d\":0}\n{\"a\":0,\"b\":\"\",\"d\":0,\"c\":\"x\"}\n")
        route.more = ["body: 64"]
        route.input[1] = "{ name: b, type: string }"
        route.input[2] = "{ name: c, type: string, default: \"\(String(repeating: "d", count: 200))\" }"
        let samples = try samples(route)
        let texts = [1, 2, 5, 6].map { place in
            let slot = TextSlot(samples.slots[place])
            return String(decoding: samples.text[slot.offset..<slot.offset + slot.count], as: UTF8.self)
        }
        #expect(texts == ["Weide", String(repeating: "d", count: 200), "", "x"])
    }

    @Test("the largest body that a route can allow is no obstacle")
    func largeBodies() throws {
        var route = try route()
        route.more = ["body: 16MiB"]
        #expect(try samples(route).count == 64)
    }
}
