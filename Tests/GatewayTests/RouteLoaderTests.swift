import Metrics
import Primitives
import RouteFiles
import Testing

@testable import Gateway

@Suite("from a folder to models that answer") struct RouteLoaderTests {
    private let folder: TestFolder
    private let loader: RouteLoader

    init() throws {
        folder = try TestFolder()
        loader = RouteLoader(engine: try Rig.engine.get(), reactors: 2)
    }

    /// The only complaint about a route.
    private func complaint(_ route: RouteText) throws -> Complaint {
        try folder.write(route)
        let (routes, complaints) = loader.load(folder.routes)
        #expect(routes.isEmpty && complaints.count == 1, "\(complaints)")
        return try #require(complaints.first)
    }

    @Test("a good folder gives its routes with their variants in the order of the file")
    func good() throws {
        try folder.write(.pair())
        let (routes, complaints) = loader.load(folder.routes)
        #expect(complaints.isEmpty && routes.map(\.file.name) == ["trees"])
        #expect(routes[0].variants.map(\.name) == ["champion", "challenger"])
        #expect(routes[0].variants.allSatisfy { $0.lanes.count == 2 && $0.lanes.labels == ["oak", "pine", "willow"] })
        // The samples have run: what a row costs is no longer the first guess.
        #expect(routes[0].variants.allSatisfy { set in (0..<2).allSatisfy { set.lanes.lanes[$0].pointee.rowCost != 5_000 } })
    }

    @Test("variants that answer another question are told apart, with the line of the second", arguments: [
        ("tensor-string", "tensor-int64", "the classes 0, 1, 2, but champion answers the classes oak, pine, willow"),
        ("tensor-string", "flat-regression", "a value, but champion answers the classes oak, pine, willow"),
        ("linear-regression", "tensor-string", "the classes oak, pine, willow, but champion answers a value"),
    ])
    func differences(champion: String, challenger: String, message: String) throws {
        let route = RouteText(try .init("champion", model: champion), try .init("challenger", model: challenger))
        let complaint = try complaint(route)
        #expect(complaint.key == "variants.challenger.model" && complaint.line == route.line("challenger:"))
        #expect(complaint.message.contains(message), "\(complaint.message)")
    }

    @Test("a file that is no model is refused by its variant", arguments: [[], Array("no model\n".utf8), [UInt8](repeating: 0xFF, count: 100)])
    func corrupt(bytes: [UInt8]) throws {
        let route = RouteText(try .init("champion", model: "forest"), .init("broken", bytes))
        let complaint = try complaint(route)
        #expect(complaint.line == route.line("broken:") && complaint.key.hasPrefix("variants.broken"))
    }

    @Test("half a model is no model")
    func cutOff() throws {
        let bytes = try Rig.model("forest")
        #expect(try complaint(RouteText(.init("half", Array(bytes.prefix(bytes.count / 2))))).key == "variants.half.model")
    }

    @Test("a model of another width is refused with both widths")
    func width() throws {
        let complaint = try complaint(RouteText(try .init("narrow", model: "narrow")))
        #expect(complaint.key == "variants.narrow.model")
        #expect(complaint.message.contains("3") && complaint.message.contains("4"), "\(complaint.message)")
    }

    @Test("another digest is refused, and the right one told")
    func digest() throws {
        var route = try RouteText.pair()
        let right = route.variants[1].sha256
        route.variants[1].sha256 = route.variants[0].sha256
        let complaint = try complaint(route)
        #expect(complaint.key == "variants.challenger.sha256" && complaint.message.contains(right))
    }

    @Test("a model that answers nothing but NaN is refused; one finite answer is enough")
    func notFinite() throws {
        var route = RouteText(try .init("logarithm", model: "logarithm"))
        route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: -10, max: -1 }" }
        let complaint = try complaint(route)
        #expect(complaint.key == "variants.logarithm.model" && complaint.message.contains("not finite"))
        route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: 1, max: 10 }" }
        try folder.write(route)
        #expect(loader.load(folder.routes).routes.count == 1)
    }

    /// Whether a model is refused that has a finite answer only for the last of so many sample rows.
    private func isRefused(finiteRow rows: Int) throws -> Bool {
        var route = RouteText(try .init("logarithm", model: "logarithm"))
        let bad = #"{"a":-1,"b":-1,"c":-1,"d":-1}"#
        route.sample = Array(repeating: bad, count: rows - 1).joined(separator: "\n") + "\n" + #"{"a":1,"b":1,"c":1,"d":1}"#
        try folder.write(route)
        return !loader.load(folder.routes).complaints.isEmpty
    }

    @Test("sample rows are run, also those that fill no whole call", arguments: [1, 63, 64, 65, 70, 128, 129, 255, 256])
    func everySample(rows: Int) throws {
        #expect(try !isRefused(finiteRow: rows))
    }

    @Test("rows beyond the 256th are not run: they are for drift only", arguments: [257, 1_000])
    func laterSamples(rows: Int) throws {
        #expect(try isRefused(finiteRow: rows))
    }

    /// Found by trying route-0, route-1, …: the first two whose XXH64 agree in their low 32 bits.
    static let colliding = ("route-2010", "route-6347")

    @Test("names that prediction ids could not tell apart are refused")
    func collisions() throws {
        #expect(NameHash(of: Self.colliding.0) == NameHash(of: Self.colliding.1))
        var route = try RouteText.pair()
        for name in [Self.colliding.0, Self.colliding.1] {
            route.name = name
            try folder.write(route)
        }
        let complaints = loader.load(folder.routes).complaints
        #expect(complaints.map(\.key) == ["route"])
        #expect(complaints.first?.file.hasSuffix("\(Self.colliding.1)/route.yaml") == true && complaints.first?.message.contains(Self.colliding.0) == true)
    }

    @Test("so are such names of two variants")
    func variantCollisions() throws {
        let model = try Rig.model("forest")
        let route = RouteText(.init(Self.colliding.0, model), .init("other", model), .init(Self.colliding.1, model))
        try folder.write(route)
        let complaints = loader.load(folder.routes).complaints
        #expect(complaints.map(\.key) == ["variants.\(Self.colliding.1)"] && complaints.map(\.line) == [route.line(Self.colliding.1)])
    }

    @Test("one model under one contract is opened once; another contract opens it again")
    func sharing() throws {
        var route = try RouteText.pair()
        for name in ["first", "second"] {
            route.name = name
            try folder.write(route)
        }
        (route.name, route.more) = ("third", ["rows: 100"])
        try folder.write(route)
        let routes = loader.load(folder.routes).routes
        #expect(routes.map(\.file.name) == ["first", "second", "third"])
        #expect(routes[0].variants[0].lanes === routes[1].variants[0].lanes)
        #expect(routes[0].variants[0].lanes !== routes[2].variants[0].lanes)
        #expect(routes[0].variants[0].lanes !== routes[0].variants[1].lanes)
        #expect(loader.load(folder.routes).routes[2].variants[0].lanes === routes[2].variants[0].lanes)
    }

    @Test("models that nobody uses are let go")
    func lettingGo() throws {
        try folder.write(.pair())
        weak var lanes: LaneSet?
        do {
            let routes = loader.load(folder.routes).routes
            lanes = routes[0].variants[0].lanes
            #expect(lanes != nil)
        }
        #expect(lanes == nil)
        #expect(loader.load(folder.routes).routes.count == 1)
    }
}
