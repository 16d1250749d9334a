import Testing

@testable import Inference

/// Models as notebooks write them, against the answers of ONNX Runtime in Python.
@Suite struct FixtureTests {
    @Test("the fixtures are there")
    func fixturesExist() {
        #expect(Expected.all.count >= 15)
    }

    @Test("labels and scores equal Python's, in batches of every size", arguments: Expected.all.keys.sorted())
    func answers(file: String) throws {
        let expected = try #require(Expected.all[file])
        let session = try Rig.session(Rig.fixture(file), file: file)
        let binding = try Binding(session: session, columns: expected.columns, labels: nil)
        #expect(binding.notice == nil)
        if let labels = expected.labels {
            #expect(binding.task == .classification(labels: labels.map(\.name)))
            #expect(binding.scoreCount == labels.count)
        } else {
            #expect(binding.task == .regression)
            #expect(binding.scoreCount == 1)
        }
        var lane = try Lane(session: session, binding: binding, maxRows: 4)
        for count in 1...4 {
            for first in 0...(4 - count) {
                let range = first..<first + count
                #expect(lane.run(Array(expected.rows[range])) == .ok, "\(lane.reason)")
                check(lane, expected, range)
            }
        }
    }

    private func check(_ lane: borrowing Lane, _ expected: Expected, _ range: Range<Int>) {
        let names = expected.labels?.map(\.name)
        for (row, source) in range.enumerated() {
            let wanted = expected.probabilities.map { $0[source] } ?? [expected.value?[source]]
            let found = (0..<lane.scoreCount).map { lane.scores[row * lane.scoreCount + $0] }
            for (score, wanted) in zip(found, wanted) {
                if let wanted { #expect(abs(score - wanted) <= 1e-5 * max(1, abs(wanted))) } else { #expect(score.isNaN) }
            }
            #expect(found.count == wanted.count)
            let label = lane.labels[row]
            let wantedLabel = expected.label.flatMap { names?.firstIndex(of: $0[source].name) }
            if expected.task == "regression" { #expect(label == -1) } else { #expect(label == wantedLabel.map(Int32.init)) }
        }
    }
}
