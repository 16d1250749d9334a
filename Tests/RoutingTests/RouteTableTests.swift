import Testing

@testable import Routing

@Suite struct RouteTableTests {
    static func find(_ path: String, in table: borrowing RouteTable) -> Int? {
        table.find(path.utf8.span.bytes)
    }

    @Test("finds each of its routes and nothing else, whatever their number", arguments: [0, 1, 2, 3, 100, 10_000])
    func finds(_ count: Int) throws {
        let paths = (0..<count).map { "/v1/route-\($0)" }
        let table = try RouteTable(paths, seed: 0x5EED)
        let found = paths.map { Self.find($0, in: table) }
        #expect(found == Array(0..<count))
        let strangers = [
            "", "/", "/v1/route-", "/v1/route-\(count)", "/v1/route-0/", "/V1/route-0", "/v1/route-0?a", "/v1/route-00000000000",
        ]
        for path in strangers {
            let stranger = Self.find(path, in: table)
            #expect(stranger == nil, "\(path)")
        }
    }

    @Test("the seed changes the places, not the answers", arguments: [0, 1, .max] as [UInt64])
    func ignoresSeed(_ seed: UInt64) throws {
        let paths = ["/v1/a", "/v1/b", "/v1/video-category"]
        let table = try RouteTable(paths, seed: seed)
        let found = paths.map { Self.find($0, in: table) }
        #expect(found == [0, 1, 2])
    }

    @Test("refuses paths that no request line can hold or that stand there twice")
    func refuses() {
        func error(_ paths: [String]) -> RoutingError? {
            do throws(RoutingError) {
                _ = try RouteTable(paths, seed: 0)
                return nil
            } catch {
                return error
            }
        }
        let long = "/" + String(repeating: "p", count: 255)
        #expect(error([long]) == nil)
        for path in ["", "v1", "/a b", "/a?b", "/a#b", "/é", "/a\n", long + "p"] { #expect(error([path]) == .badPath(path)) }
        #expect(error(["/a", "/b", "/a"]) == .duplicatePath("/a"))
        #expect(error((0...65_536).map { "/\($0)" }) == .tooManyRoutes(65_537))
    }
}
