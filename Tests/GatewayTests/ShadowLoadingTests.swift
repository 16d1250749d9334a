import Foundation
import RouteFiles
import Testing

@testable import Gateway

@Suite("shadows from a folder to what is known of them", .timeLimit(.minutes(2))) struct ShadowLoadingTests {
    private let rig: QuarantineRig
    private let loader: RouteLoader
    private var folder: TestFolder { rig.folder }

    init() throws {
        rig = try QuarantineRig()
        loader = RouteLoader(engine: try Rig.engine.get(), reactors: 1)
    }

    /// Two variants, and shadows of these models with these names.
    private func route(_ shadows: (String, String)...) throws -> RouteText {
        var route = try RouteText.pair()
        route.shadows = try shadows.map { try .init($0.0, model: $0.1) }
        return route
    }

    /// The only complaint about a route.
    private func complaint(_ route: RouteText, _ reading: RouteReading) throws -> Complaint {
        let (routes, complaints) = loader.open(reading)
        #expect(routes.isEmpty && complaints.count == 1, "\(complaints)")
        return try #require(complaints.first)
    }

    private func key(_ shadow: RouteText.Variant) -> BreakerBoard.Key {
        BreakerBoard.Key(route: "trees", variant: shadow.name, sha256: shadow.sha256)
    }

    @Test("shadows stand beside the variants, with what they answer")
    func good() throws {
        try folder.write(route(("first", "network"), ("second", "forest")))
        let (routes, complaints) = loader.load(folder.routes)
        #expect(complaints.isEmpty)
        let route = try #require(routes.first)
        #expect(route.variants.map(\.name) == ["champion", "challenger"])
        #expect(route.shadows.map(\.entry) == route.file.shadows && route.shadows.map(\.entry.name) == ["first", "second"])
        for shadow in route.shadows {
            #expect(shadow.candidate.path == route.file.folder + "/" + shadow.entry.model && shadow.candidate.sha256 == shadow.entry.sha256)
            #expect(shadow.answers == QuarantinePass(rowCost: 0, isClassification: true, labels: ["oak", "pine", "willow"], scoreCount: 3))
        }
    }

    @Test("a shadow that passed quarantine is not opened in this process")
    func notOpened() throws {
        try folder.write(route(("candidate", "forest")))
        var told: [String] = []
        let reading = RouteReader(quarantine: try rig.quarantine()).read(folder.routes) { told.append($0) }
        #expect(told == ["2 models in quarantine"], "the challenger is the same forest")
        try FileManager.default.removeItem(atPath: "\(folder.routes)/trees/candidate.onnx")
        let (routes, complaints) = loader.open(reading)
        #expect(complaints.isEmpty)
        let answers = try #require(routes.first?.shadows.first).answers
        #expect(answers.rowCost > 0 && answers.labels == ["oak", "pine", "willow"] && answers.scoreCount == 3)
    }

    @Test(
        "a shadow that answers another question than the variants is refused, with its line",
        arguments: [
            ("tensor-int64", "the classes 0, 1, 2, but champion answers the classes oak, pine, willow; clients could not tell them apart"),
            ("flat-regression", "a value, but champion answers the classes oak, pine, willow; clients could not tell them apart"),
        ])
    func differences(model: String, message: String) throws {
        let text = try route(("candidate", model))
        try folder.write(text)
        let complaint = try complaint(text, loader.reader.read(folder.routes))
        #expect(complaint.key == "shadows.candidate.model" && complaint.line == text.line("- { name: candidate"))
        #expect(complaint.message == "answers \(message)")
        let reading = RouteReader(quarantine: try rig.quarantine()).read(folder.routes)
        #expect(try self.complaint(text, reading) == complaint, "the same by what quarantine found")
    }

    @Test("a shadow beside variants that answer a value answers one too")
    func values() throws {
        var text = RouteText(try .init("champion", model: "linear-regression"))
        text.shadows = [try .init("candidate", model: "flat-regression")]
        try folder.write(text)
        let shadow = try #require(loader.load(folder.routes).routes.first?.shadows.first)
        #expect(shadow.answers == QuarantinePass(rowCost: 0, isClassification: false, labels: [], scoreCount: 1))
    }

    @Test("a shadow that quarantine refuses keeps its own route out, with the line, and no other route")
    func refused() throws {
        var text = try RouteText.pair()
        text.shadows = [.init("hungry", try QuarantineRig.hostile("hungry"))]
        try folder.write(text)
        var sound = try route(("candidate", "forest"))
        sound.name = "sound"
        try folder.write(sound)
        let reading = RouteReader(quarantine: try rig.quarantine(bytes: 256 << 20)).read(folder.routes)
        #expect(reading.routes.map(\.file.name) == ["sound"])
        #expect(reading.complaints.map(\.key) == ["shadows.hungry.model"])
        #expect(reading.complaints.map(\.line) == [text.line("- { name: hungry")])
        #expect(reading.complaints.first?.message.contains("needed more than 256 MiB of memory") == true)
    }

    @Test("a shadow that is no model is refused without quarantine as well")
    func corrupt() throws {
        var text = try RouteText.pair()
        text.shadows = [.init("broken", Array("no model\n".utf8))]
        try folder.write(text)
        #expect(try complaint(text, loader.reader.read(folder.routes)).key == "shadows.broken.model")
    }

    @Test("shadows that are live are variants behind the file's, in the file's order, and no shadows")
    func promoted() throws {
        let text = try route(("first", "network"), ("second", "forest"), ("third", "zipmap-string"))
        try folder.write(text)
        let reading = RouteReader(quarantine: try rig.quarantine()).read(folder.routes)
        let promoted = ["trees": ["third", "nobody", "champion", "first"], "other": ["second"]]
        let (routes, complaints) = loader.open(reading, promoted: promoted)
        #expect(complaints.isEmpty)
        let route = try #require(routes.first)
        #expect(route.variants.map(\.name) == ["champion", "challenger", "first", "third"])
        #expect(route.variants.map(\.sha256) == (text.variants + [text.shadows[0], text.shadows[2]]).map(\.sha256))
        #expect(route.variants.allSatisfy { $0.lanes.labels == ["oak", "pine", "willow"] && $0.lanes.placement.row != nil })
        #expect(route.shadows.map(\.entry.name) == ["second"])
        #expect(loader.open(reading).routes.first?.shadows.map(\.entry.name) == ["first", "second", "third"])
    }

    @Test("a shadow that is held is not tried and gets nothing; live, it is opened and nothing is run")
    func held() throws {
        let text = try route(("first", "network"), ("second", "forest"))
        try folder.write(text)
        let held: Set = [key(text.shadows[0])]
        var told: [String] = []
        let reading = RouteReader(quarantine: try rig.quarantine()).read(folder.routes, held: held) { told.append($0) }
        #expect(told == ["2 models in quarantine"])
        #expect(try #require(loader.open(reading, held: held).routes.first).shadows.map(\.entry.name) == ["second"])
        let live = try #require(loader.open(reading, held: held, promoted: ["trees": ["first"]]).routes.first)
        #expect(live.variants.map(\.name) == ["champion", "challenger", "first"])
        #expect(live.variants.map { $0.lanes.placement.row == nil } == [false, false, true])
    }

    @Test("a shadow that was live when a worker died is found for its rerun, by its digest")
    func rerun() throws {
        let text = try route(("candidate", "forest"))
        try folder.write(text)
        let reading = loader.reader.read(folder.routes)
        let found = reading.candidate(route: "trees", variant: "candidate", sha256: text.shadows[0].sha256)
        #expect(found?.path == "\(folder.routes)/trees/candidate.onnx")
        #expect(reading.candidate(route: "trees", variant: "candidate", sha256: text.variants[0].sha256) == nil)
    }

    @Test("names of a shadow and a variant that prediction ids could not tell apart are refused")
    func collisions() throws {
        let names = RouteLoaderTests.colliding
        var text = RouteText(try .init(names.0, model: "forest"))
        text.shadows = [try .init(names.1, model: "forest")]
        try folder.write(text)
        let complaints = loader.load(folder.routes).complaints
        #expect(complaints.map(\.key) == ["shadows.\(names.1)"] && complaints.map(\.line) == [text.line("- { name: \(names.1)")])
    }
}
