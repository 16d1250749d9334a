import Testing

@testable import Gateway

@Suite("What is written down of a rerun")
struct InquestTests {
    @Test("a sentence is cut to what the ledger takes, and never ends with a blank")
    func cut() {
        #expect(Inquest.cut("it hangs") == "it hangs")
        let long = String(repeating: "a", count: 199) + " and more"
        #expect(Inquest.cut(long) == String(repeating: "a", count: 199))
        #expect(Inquest.cut(String(repeating: "ü", count: 400)).count == 200)
    }
}
