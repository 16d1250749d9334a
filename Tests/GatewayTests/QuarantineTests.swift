import Foundation
import Processes
import RouteFiles
import Testing

@testable import Gateway

/// Real models in real processes, and processes that misbehave.
@Suite("quarantine", .timeLimit(.minutes(2)))
struct QuarantineTests {
    private let rig: QuarantineRig

    init() throws { rig = try QuarantineRig() }

    private func refusal(_ verdict: QuarantineVerdict?) throws -> QuarantineRefusal {
        guard case .refused(let refusal)? = verdict else {
            Issue.record("\(String(describing: verdict))")
            throw CancellationError()
        }
        return refusal
    }

    @Test("a sound model passes, with the time of a row and what it answers, and is remembered")
    func passed() throws {
        let candidate = try rig.candidate(Rig.model("forest"))
        let first = try rig.quarantine().verdicts(on: [candidate])
        guard case .passed(let pass)? = first.first else {
            Issue.record("\(first)")
            return
        }
        #expect(pass.rowCost > 0)
        #expect((pass.isClassification, pass.labels, pass.scoreCount) == (true, ["oak", "pine", "willow"], 3))
        #expect(rig.passes.count == 1)
        // Measured again it would be another time.
        #expect(try rig.quarantine().verdicts(on: [candidate]) == first)
    }

    @Test("nothing is remembered without a folder, and of a refusal")
    func notRemembered() throws {
        _ = try rig.quarantine(remembers: false).verdicts(on: [rig.candidate(Rig.model("flat-regression"))])
        _ = try refusal(rig.quarantine().verdicts(on: [rig.candidate(Array("no model".utf8))]).first)
        #expect(rig.passes.isEmpty)
    }

    @Test(
        "what does not open or fit is refused in the words that opening it here would give", arguments: ["narrow", "no model", "logarithm"])
    func unfit(name: String) throws {
        let bytes = name == "no model" ? Array(name.utf8) : try Rig.model(name)
        var route = RouteText(.init("only", bytes))
        if name == "logarithm" { route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: -10, max: -1 }" } }
        try rig.folder.write(route)
        let here = RouteLoader(engine: try Rig.engine.get(), reactors: 1).load(rig.folder.routes).complaints
        let there = RouteReader(quarantine: try rig.quarantine()).read(rig.folder.routes)
        #expect(there.routes.isEmpty)
        #expect(there.complaints == here && here.count == 1)
    }

    @Test("a model that wants 4 GB is refused for it")
    func hungry() throws {
        let candidate = try rig.candidate(QuarantineRig.hostile("hungry"))
        let refusal = try refusal(rig.quarantine(bytes: 256 << 20).verdicts(on: [candidate]).first)
        guard case .memory(limit: 256 << 20, _) = refusal else {
            Issue.record("\(refusal)")
            return
        }
        #expect(refusal.sentence(about: "a.onnx").hasPrefix("a.onnx is refused: in quarantine it needed more than 256 MiB of memory"))
    }

    @Test("a model that never answers is ended")
    func endless() throws {
        let candidate = try rig.candidate(QuarantineRig.hostile("endless"))
        let refusal = try refusal(rig.quarantine(milliseconds: 1_000).verdicts(on: [candidate]).first)
        #expect(refusal == .time(limit: 1_000_000_000))
        #expect(refusal.sentence(about: "a.onnx").contains("1000 ms of CPU time (--limits quarantine-ms)"))
    }

    @Test("a model that waits without using CPU is ended by the clock on the wall")
    func asleep() throws {
        let quarantine = try rig.quarantine(rig.script("exec sleep 600"), milliseconds: 25)
        #expect(try refusal(quarantine.verdicts(on: [rig.candidate([1])]).first) == .time(limit: 25_000_000))
    }

    @Test(
        "how a process ends is told apart",
        arguments: [
            ("kill -SEGV $$", QuarantineRefusal.crash(signal: SIGSEGV, words: "")),
            ("echo heap corrupted >&2; kill -ABRT $$", .crash(signal: SIGABRT, words: "heap corrupted")),
            (
                "echo first >&2; printf 'what():  std::bad_alloc\\n' >&2; kill -ABRT $$",
                .memory(limit: 1 << 30, reason: "SIGABRT, what():  std::bad_alloc")
            ),
            ("kill -KILL $$", .memory(limit: 1 << 30, reason: "the system ended it by SIGKILL")),
            ("kill -XCPU $$", .time(limit: 5_000_000_000)),
            ("echo no idea >&2; exit 3", .untried(reason: "its process left with code 3: no idea")),
            ("exit 0", .untried(reason: "its process left no report")),
            ("echo '{}'", .untried(reason: "its process left no report")),
            (#"echo '{"version":2,"verdict":"passed","rowCost":1}'"#, .untried(reason: "its process left no report")),
            ("echo '\(QuarantineRig.report().replacing("2", with: "1"))'", .untried(reason: "its process left no report")),
            ("echo '\(QuarantineRig.report(isClassification: true))'", .untried(reason: "its process left no report")),
            ("head -c 3000000 /dev/zero | tr '\\0' x; exit 0", .untried(reason: "its process left no report")),
            (#"printf '{"version":2,"verdict":"refused","reason":"a\\u001b[2Jb"}\n'"#, .model(reason: "a [2Jb")),
        ])
    func ends(lines: String, expected: QuarantineRefusal) throws {
        let quarantine = try rig.quarantine(rig.script(lines))
        #expect(try refusal(quarantine.verdicts(on: [rig.candidate([1])]).first) == expected)
        #expect(rig.passes.isEmpty)
    }

    @Test(
        "a model answers a value, or 1 to 4096 classes with a score each or none",
        arguments: [
            (false, 0, 1, true), (false, 0, 0, false), (false, 1, 1, false), (true, 0, 0, false), (true, 1, 1, true), (true, 3, 0, true),
            (true, 3, 3, true), (true, 3, 2, false), (true, 4_096, 4_096, true), (true, 4_097, 4_097, false),
        ])
    func answers(isClassification: Bool, labels: Int, scoreCount: Int, isBelieved: Bool) throws {
        let report = rig.folder.path + "/report"
        try Data((QuarantineRig.report(isClassification: isClassification, labels: labels, scoreCount: scoreCount) + "\n").utf8)
            .write(to: URL(filePath: report))
        let verdict = try rig.quarantine(rig.script("cat \(report)")).verdicts(on: [rig.candidate([1])]).first
        let names = (0..<labels).map(String.init)
        let pass = QuarantinePass(rowCost: 1, isClassification: isClassification, labels: names, scoreCount: scoreCount)
        #expect(verdict == (isBelieved ? .passed(pass) : .refused(.untried(reason: "its process left no report"))))
    }

    @Test("a program that is not there leaves a model untried")
    func missing() throws {
        let refusal = try refusal(rig.quarantine("/nowhere/weir").verdicts(on: [rig.candidate([1])]).first)
        #expect(refusal.sentence(about: "a.onnx").contains("could not be tried in quarantine: posix_spawn /nowhere/weir"))
    }

    @Test("a file that changed after its digest was compared is not tried")
    func changed() throws {
        let candidate = try rig.candidate([1])
        try rig.folder.write([2], to: "only.onnx", of: "trees")
        #expect(try refusal(rig.quarantine().verdicts(on: [candidate]).first).sentence(about: "").contains("it changed while it was read"))
    }

    @Test("a server that stops waits for nobody, and leaves no process behind")
    func stopped() throws {
        let quarantine = try rig.quarantine(rig.script("echo $$ > \(rig.folder.path)/pid; exec sleep 600"))
        quarantine.stop()
        #expect(try refusal(quarantine.verdicts(on: [rig.candidate([1])]).first) == .untried(reason: "the server stops"))
        let pid = (try? String(contentsOfFile: rig.folder.path + "/pid", encoding: .utf8)).flatMap { Int32($0.dropLast()) }
        if let pid { #expect(kill(pid, 0) == -1) }
    }

    @Test("one candidate is tried once, whoever names it, and each name gets the verdict")
    func once() throws {
        let runs = rig.folder.path + "/runs"
        let quarantine = try rig.quarantine(rig.script("echo x >> \(runs); exit 3"))
        let (one, other) = (try rig.candidate([1]), try rig.candidate([2], name: "other"))
        var told: [Int] = []
        let verdicts = quarantine.verdicts(on: [one, other, one, one]) { told.append($0) }
        #expect(verdicts.count == 4)
        #expect(told == [2])
        #expect(try String(contentsOfFile: runs, encoding: .utf8) == "x\nx\n")
    }

    @Test("a rerun forgets the pass first, and remembers another one")
    func rerun() throws {
        let candidate = try rig.candidate(Rig.model("forest"))
        let inside = [KeptRows(width: 4, slots: [1, 2, 3, 4, 5, 6, 7, 8], text: []), KeptRows(width: 3, slots: [1, 2, 3], text: [])]
        let quarantine = try rig.quarantine()
        guard case .passed = quarantine.rerun(candidate, suspects: inside) else {
            Issue.record("it is refused")
            return
        }
        #expect(rig.passes.count == 1)
        try FileManager.default.removeItem(atPath: candidate.path)
        _ = try refusal(quarantine.rerun(candidate, suspects: inside))
        #expect(rig.passes.isEmpty)
    }

    @Test("a rerun gets the rows that were inside, before the sample rows")
    func suspects() throws {
        let bytes = try Rig.model("forest")
        _ = try rig.candidate(bytes)
        let reading = RouteReader(quarantine: nil).read(rig.folder.routes)
        let candidate = try #require(reading.candidate(route: "trees", variant: "only", sha256: RouteText.Variant("only", bytes).sha256))
        #expect(reading.candidate(route: "trees", variant: "only", sha256: "0") == nil)
        let path = rig.folder.path + "/job"
        let quarantine = try rig.quarantine(rig.script("cat > \(path)"))
        _ = quarantine.rerun(candidate, suspects: [KeptRows(width: 4, slots: [1, 2, 3, 4], text: [])])
        let job = try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { try QuarantineJob($0) }
        #expect(job.head.suspectRows == 1)
        #expect(Array(job.rows.slots.prefix(4)) == [1, 2, 3, 4])
        #expect(job.rows.count == 1 + candidate.samples.count)
    }

    @Test("a rerun runs those rows: what the samples do not show, they do")
    func harmfulSuspect() throws {
        // It wants 4 GB for a row of zeros; rows drawn from 1 to 10 hold none.
        var route = RouteText(.init("only", try QuarantineRig.hostile("picky")))
        route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: 1, max: 10 }" }
        try rig.folder.write(route)
        let candidate = try #require(RouteReader(quarantine: nil).read(rig.folder.routes).routes.first?.models.first?.candidate)
        let quarantine = try rig.quarantine(bytes: 256 << 20)
        guard case .passed = quarantine.rerun(candidate, suspects: [KeptRows(width: 4, slots: [1, 0, 0, 0], text: [])]) else {
            Issue.record("it is refused for other rows")
            return
        }
        let refusal = try refusal(quarantine.rerun(candidate, suspects: [KeptRows(width: 4, slots: [0, 0, 0, 0], text: [])]))
        guard case .memory = refusal else {
            Issue.record("\(refusal)")
            return
        }
    }

    @Test("a row that fails as rows may fail is not held against a model that crashed")
    func failingSuspect() throws {
        var route = RouteText(.init("only", try QuarantineRig.hostile("brittle")))
        route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: 1, max: 10 }" }
        try rig.folder.write(route)
        let candidate = try #require(RouteReader(quarantine: nil).read(rig.folder.routes).routes.first?.models.first?.candidate)
        let zeros = KeptRows(width: 4, slots: [0, 0, 0, 0], text: [])
        guard case .passed = try rig.quarantine().rerun(candidate, suspects: [zeros]) else {
            Issue.record("it is refused")
            return
        }
        // As a sample the same row is a reason to refuse it.
        route.input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: 0, max: 10 }" }
        route.sample = #"{"a":0,"b":0,"c":0,"d":0}"#
        try rig.folder.write(route)
        #expect(RouteReader(quarantine: try rig.quarantine()).read(rig.folder.routes).complaints.count == 1)
    }

    @Test("a refused model keeps its own route out, with the line, and no other route")
    func reader() throws {
        var route = RouteText(try .init("champion", model: "forest"), .init("broken", try QuarantineRig.hostile("hungry")))
        try rig.folder.write(route)
        let line = route.line("broken:")
        route = RouteText(try .init("champion", model: "forest"))
        route.name = "sound"
        try rig.folder.write(route)
        var told: [String] = []
        let reading = RouteReader(quarantine: try rig.quarantine(bytes: 256 << 20)).read(rig.folder.routes) { told.append($0) }
        #expect(reading.routes.map(\.file.name) == ["sound"])
        #expect(reading.complaints.map(\.key) == ["variants.broken.model"])
        #expect(reading.complaints.map(\.line) == [line])
        #expect(reading.complaints.first?.message.contains("memory") == true)
        #expect(told == ["2 models in quarantine"])
    }
}
