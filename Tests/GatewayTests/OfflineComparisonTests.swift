import Foundation
import Ledgers
import Testing

@testable import Gateway

@Suite("a new model beside a variant, without a server", .timeLimit(.minutes(2))) struct OfflineComparisonTests {
    /// Whether a figure is what Python says, to the last digits of a float.
    private func agree(_ found: Double?, _ wanted: Double) -> Bool { abs((found ?? .nan) - wanted) < 2e-6 }

    // MARK: - Rows of a file

    @Test("the figures are those of the answers that Python wrote down")
    func byPython() throws {
        var told: [Int] = []
        let report = try OfflineRig().comparison("forest").compare(rows: OfflineRig.labelled(), label: "label", against: nil) {
            told.append($0.done)
        }
        #expect(report.rows == 4 && report.skipped.isEmpty && report.firstSkipped == nil && told == [4])
        let shadow = try #require(report.comparison)
        #expect(
            shadow.name == "forest.onnx" && report.sha256.hasPrefix(shadow.model) && shadow.primaries.map(\.name) == ["champion"]
                && shadow.revisions.isEmpty)
        let all = shadow.all
        #expect(all.sampled == 4 && all.compared == 4 && all.agreed == 4 && all.diverged == 0 && all.dropped.isEmpty && all.bitEqual == 0)
        #expect(all.outputs.map(\.name) == OfflineRig.labels)
        for (place, output) in all.outputs.enumerated() {
            let pairs = zip(OfflineRig.champion, OfflineRig.forest).map { ($0[place], $1[place]) }
            #expect(agree(output.absolute.largest, pairs.map { abs($0 - $1) }.max() ?? 0), "\(output)")
            #expect(agree(output.relative.largest, pairs.map { abs($0 - $1) / max($0, $1) }.max() ?? 0), "\(output)")
        }
        #expect(all.confusion == PairFigures.Confusion(labels: OfflineRig.labels, counts: [[1, 0, 0], [0, 2, 0], [0, 0, 1]]))
        #expect(all.modelTime.shadow.count == 4 && all.modelTime.primary.count == 4 && all.outcomes.accuracy == nil)
    }

    @Test("labels score both: how often each was right, log loss and Brier; one that is no class scores nothing")
    func labels() throws {
        let rows = OfflineRig.labelled(["pine", "oak", "willow", "maple"])
        let report = try OfflineRig().comparison("forest").compare(rows: rows, label: "label", against: nil)
        let outcomes = try #require(report.comparison).all.outcomes
        #expect(report.unknownLabels == 1 && outcomes.bothRight == 2 && outcomes.bothWrong == 1 && outcomes.onlyShadow == 0)
        #expect(outcomes.accuracy == PairFigures.Accuracy(primary: 2.0 / 3, shadow: 2.0 / 3))
        let truths = [1, 0, 2]
        func logLoss(_ answers: [[Double]]) -> Double { zip(answers, truths).reduce(0) { $0 - log($1.0[$1.1]) } / 3 }
        func brier(_ answers: [[Double]]) -> Double {
            zip(answers, truths).reduce(0) { sum, row in
                sum + row.0.enumerated().reduce(0) { $0 + pow($1.element - ($1.offset == row.1 ? 1 : 0), 2) }
            } / 3
        }
        #expect(
            outcomes.logLoss?.n == 3 && agree(outcomes.logLoss?.primary, logLoss(OfflineRig.champion))
                && agree(outcomes.logLoss?.shadow, logLoss(OfflineRig.forest)))
        #expect(agree(outcomes.brier?.primary, brier(OfflineRig.champion)) && agree(outcomes.brier?.shadow, brier(OfflineRig.forest)))
    }

    @Test("a model beside itself is equal to the last bit; any variant or shadow may be named")
    func itself() throws {
        var route = try RouteText.pair()
        route.shadows = [try .init("candidate", model: "network")]
        let rig = try OfflineRig(route)
        for (model, name) in [("forest", "challenger"), ("network", "candidate"), ("tensor-string", "champion")] {
            let all = try #require(try rig.comparison(model).compare(rows: OfflineRig.labelled(), label: "label", against: name).comparison)
                .all
            #expect(all.compared == 4 && all.bitEqual == 4 && all.outputs.allSatisfy { $0.absolute.largest == 0 })
        }
    }

    @Test(
        "without a name the variant is the one with the largest weight, the first of several",
        arguments: [([1.0, 2, 2], "b"), ([3, 2, 2], "a"), ([0, 0, 1], "c")])
    func heaviest(weights: [Double], name: String) throws {
        var route = RouteText()
        route.variants = try zip(["a", "b", "c"], weights).map { try .init($0, model: "forest", weight: $1) }
        let report = try OfflineRig(route).comparison("network").compare(rows: OfflineRig.labelled(), label: "label", against: nil)
        #expect(report.comparison?.primaries.map(\.name) == [name])
    }

    @Test("rows that the contract refuses are left out and counted, in calls of any number")
    func misfits() throws {
        var rows = (0..<200).map { LabelledRow(body: Array(OfflineRig.body(OfflineRig.rows[$0 % 4]).utf8), label: nil) }
        for place in [3, 64, 199] { rows[place] = LabelledRow(body: Array(#"{"a":1,"b":2,"c":99,"d":4}"#.utf8), label: "oak") }
        rows[70] = LabelledRow(body: Array("no object".utf8), label: nil)
        let report = try OfflineRig().comparison("forest").compare(rows: rows, label: "label", against: nil)
        #expect(report.rows == 200 && report.skipped == ["does-not-fit": 4] && report.comparison?.all.compared == 196)
        #expect(report.firstSkipped?.hasPrefix("row 4: \"c\" must be") == true, "\(report.firstSkipped ?? "")")
        #expect(report.comparison?.all.outcomes.accuracy == nil)
    }

    @Test("what is not finite is a difference of the new model, and no answer of the variant")
    func nonFinite() throws {
        var route = RouteText(
            try .init("champion", model: "tensor-int64", weight: 1), try .init("logarithm", model: "logarithm", weight: 0))
        route.more = ["labels: [oak, pine, willow]"]
        let rig = try OfflineRig(route)
        // The second row's third column is 0 or less: there the logarithm has no number.
        let rows = [[2.33, 0.5, 0.56, 6.94], [1.27, 0.81, -1.0, 4.89]].map {
            LabelledRow(body: Array(OfflineRig.body($0).utf8), label: nil)
        }
        let new = try #require(try rig.comparison("logarithm").compare(rows: rows, label: "label", against: nil).comparison).all
        #expect(new.compared == 2 && new.nonFinite == 1 && new.diverged >= 1)
        let old = try #require(try rig.comparison("tensor-int64").compare(rows: rows, label: "label", against: "logarithm").comparison).all
        #expect(old.sampled == 2 && old.compared == 1 && old.dropped == ["primary-failed": 1])
    }

    @Test("a value is compared as one, by the tolerance of the shadow that has this model in the file")
    func values() throws {
        var route = RouteText(try .init("champion", model: "linear-regression"))
        let plain = try #require(
            try OfflineRig(route).comparison("flat-regression").compare(
                rows: OfflineRig.labelled(["1", nil, nil, nil]), label: "label", against: nil
            ).comparison)
        #expect(
            plain.all.outputs.map(\.name) == ["value"] && plain.all.agreed == nil && plain.all.confusion == nil
                && plain.all.outcomes.accuracy == nil)
        route.shadows = [try .init("candidate", model: "flat-regression")]
        let rig = try OfflineRig(route)
        let text = try String(contentsOfFile: "\(rig.routes)/trees/route.yaml", encoding: .utf8)
        let tolerant = text.replacing(
            "sha256: \"\(route.shadows[0].sha256)\" }", with: "sha256: \"\(route.shadows[0].sha256)\", tolerance: 1000 }")
        try rig.folder.write(tolerant.utf8, to: "route.yaml", of: "trees")
        let wide = try #require(
            try rig.comparison("flat-regression").compare(rows: OfflineRig.labelled(), label: "label", against: nil).comparison)
        #expect(
            wide.all.diverged == 0
                && plain.all.diverged
                    == UInt64(plain.all.outputs[0].relative.cells.filter { ($0.below ?? 2) > 0.1 }.map(\.count).reduce(0, +))
        )
    }

    @Test(
        "what cannot be compared is refused in words",
        arguments: [
            ("tensor-int64", "trees", nil, "answers the classes 0, 1, 2, but champion answers the classes oak, pine, willow"),
            ("flat-regression", "trees", nil, "answers a value, but champion answers the classes oak, pine, willow"),
            ("narrow", "trees", nil, "expected 3 columns, found the contract's 4 columns"),
            ("forest", "lakes", nil, "no route 'lakes' here; there are trees"),
            ("forest", "trees", "nobody", "the route's file names no 'nobody'; it names champion, challenger"),
        ] as [(String, String, String?, String)])
    func refused(model: String, route: String, against: String?, words: String) throws {
        let rig = try OfflineRig()
        let error = #expect(throws: ComparisonError.self) {
            try rig.comparison(model, name: route).compare(rows: OfflineRig.labelled(), label: "label", against: against)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(
        "a label cannot be a field of the contract; a file of which no row fits is nothing to compare; a broken route says its complaints")
    func senseless() throws {
        let rig = try OfflineRig()
        let comparison = try rig.comparison("forest")
        #expect(throws: ComparisonError.labelIsFeature("a")) {
            try comparison.compare(rows: OfflineRig.labelled(), label: "a", against: nil)
        }
        let error = #expect(throws: ComparisonError.self) {
            try comparison.compare(rows: [LabelledRow(body: [], label: nil)], label: "label", against: nil)
        }
        #expect(error?.description.hasPrefix("no row could be compared: row 1: ") == true)
        try rig.folder.write("route: trees\n".utf8, to: "route.yaml", of: "trees")
        let broken = #expect(throws: ComparisonError.self) { try rig.comparison("forest") }
        #expect(broken?.description.contains("trees/route.yaml:") == true)
    }

    @Test("a hostile model ends in quarantine, not here")
    func hostile() throws {
        let bytes = try QuarantineRig.hostile("endless")
        let error = #expect(throws: ComparisonError.self) { try OfflineRig().comparison(bytes, called: "endless", milliseconds: 300) }
        #expect(
            error?.description.contains("in quarantine it was not done after 300 ms of CPU time") == true, "\(error?.description ?? "")")
    }
}

@Suite("a new model beside what was answered", .timeLimit(.minutes(2))) struct OfflineLogTests {
    private let rig: OfflineRig
    private let ledger: Ledger

    init() throws {
        var route = try RouteText.pair()
        route.more = ["outcomes: { kind: { kind: label, window: 60s } }"]
        rig = try OfflineRig(route)
        ledger = try rig.folder.ledger()
    }

    private func compare(_ model: String = "forest", against: String? = nil, limit: Int = .max) throws -> ComparisonReport {
        try rig.comparison(model).compare(log: ledger, against: against, limit: limit, now: .now)
    }

    @Test("the variant's answers are those of the log, to the last bit, and labels are those that have come")
    func log() throws {
        try ledger.appendPredictions((0..<4).map { OfflineRig.record($0) })
        try OfflineRig.say("pine", of: 0, in: ledger)
        try OfflineRig.say("willow", of: 2, in: ledger)
        let own = try #require(try compare("tensor-string").comparison)
        #expect(own.all.compared == 4 && own.all.agreed == 4 && own.all.outputs.allSatisfy { ($0.absolute.largest ?? 1) < 2e-6 })
        let report = try compare()
        let shadow = try #require(report.comparison)
        #expect(
            report.rows == 4 && report.skipped.isEmpty && shadow.primaries.map(\.name) == ["champion"]
                && shadow.revisions.map(\.number) == [1])
        #expect(shadow.all.compared == 4 && abs((shadow.all.outputs[0].absolute.largest ?? 0) - (0.18261516 - 0.0047160764)) < 2e-6)
        #expect(shadow.all.outcomes.bothRight == 1 && shadow.all.outcomes.bothWrong == 1 && shadow.all.outcomes.logLoss?.n == 2)
        #expect(shadow.all.modelTime.primary.count == 0 && shadow.all.modelTime.shadow.count == 4)
    }

    @Test("each row stands beside the variant that answered it; failures are no pairs")
    func served() throws {
        try ledger.appendPredictions([
            OfflineRig.record(0), OfflineRig.record(1, served: "challenger", revision: 2), OfflineRig.record(2, status: 500),
            OfflineRig.record(3),
        ])
        let shadow = try #require(try compare().comparison)
        #expect(shadow.primaries.map(\.name) == ["challenger", "champion"] && shadow.primaries.map(\.figures.compared) == [1, 2])
        #expect(shadow.all.sampled == 4 && shadow.all.dropped == ["primary-failed": 1] && shadow.revisions.map(\.number) == [2, 1])
        let one = try compare(against: "challenger")
        #expect(one.rows == 1 && one.comparison?.all.compared == 1)
        #expect(try compare(limit: 2).rows == 2)
        #expect(throws: ComparisonError.nothing("there is none")) { try compare(against: "nobody") }
    }

    @Test("rows without all fields, and answers of another question, are left out and counted")
    func skipped() throws {
        var cut = OfflineRig.record(1)
        cut.isTruncated = true
        try ledger.appendPredictions([
            OfflineRig.record(0), cut, OfflineRig.record(2, input: .some(nil)), OfflineRig.record(3, input: #"{"a":1}"#),
            OfflineRig.record(4, answer: #"{"value":1.5}"#),
            OfflineRig.record(5, answer: #"{"label":"maple","probabilities":{"maple":1}}"#),
            OfflineRig.record(6, answer: #"{"label":"oak"}"#),
        ])
        let report = try compare()
        #expect(report.rows == 7 && report.skipped == ["fields-missing": 2, "does-not-fit": 1, "other-answer": 2])
        // The last has a label and no probabilities: only that is compared.
        #expect(report.comparison?.all.compared == 2 && report.comparison?.all.outputs.first?.absolute.cells.map(\.count).reduce(0, +) == 1)
    }

    @Test("rows that were logged without private fields are left out; those of before the field was private are not")
    func privateFields() throws {
        var route = try RouteText.pair()
        route.input[3] = "{ name: d, type: number, min: -10, max: 10, default: 0, private: true }"
        try rig.folder.write(route)
        try ledger.appendPredictions([OfflineRig.record(0), OfflineRig.record(1, input: #"{"a":1,"b":2,"c":3}"#)])
        let report = try compare()
        #expect(report.skipped == ["fields-missing": 1] && report.comparison?.all.compared == 1)
        #expect(report.firstSkipped == "row 2: it was logged without private fields, or was too long to be logged whole")
    }
}
