import Ledgers
import Testing

@testable import weir

@Suite struct SplitTextTests {
    @Test(
        "shares read as percent with at most two digits, and never wrongly as all or nothing",
        arguments: [
            (0.9, "90 %"), (1.0 / 3, "33.33 %"), (0.125, "12.5 %"), (0.0, "0 %"), (1.0, "100 %"), (1e-9, "<0.01 %"), (1 - 1e-9, ">99.99 %"),
        ])
    func percent(share: Double, text: String) {
        #expect(SplitText.percent(share) == text)
    }

    @Test("weights read as they were typed", arguments: [(80.0, "80"), (0.5, "0.5"), (1e300, "1e+300"), (0.0, "0")])
    func numbers(value: Double, text: String) {
        #expect(SplitText.number(value) == text)
    }

    @Test("columns are as wide as their widest cell, two blanks apart, and lines end without blanks")
    func table() {
        let text = TextTable.text(header: ["a", "name", "b"], rows: [["1", "é", "x"], ["22", "longer", ""]])
        #expect(text == "a   name    b\n1   é       x\n22  longer")
    }

    @Test("an error of several lines becomes one")
    func oneLine() {
        #expect(Exit.oneLine("No such thing.\n  One of:\n  - a\n  - b\n\n") == "No such thing. One of: a, b")
        #expect(Exit.oneLine("a - b") == "a - b")
    }

    @Test("words that make no weight say how to write one", arguments: ["champion", "=80", "a=", "a=x", "a=-1", "a=nan", "a=inf", "a=80%"])
    func badWeights(word: String) {
        #expect(throws: (any Error).self) { try Split.weight(word) }
    }

    @Test("a weight follows the last equals sign")
    func weights() throws {
        #expect(try Split.weight("champion=80") == NamedWeight("champion", 80))
        #expect(try Split.weight("a=b=0.5") == NamedWeight("a=b", 0.5))
    }
}
