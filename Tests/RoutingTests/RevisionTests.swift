import Testing

@testable import Routing

@Suite struct RevisionTests {
    static func error(number: UInt32 = 1, author: String = "ann", reason: String = "") -> RoutingError? {
        do {
            let split = try Split.of(["a": 1])
            let revision = try Revision(route: "r", number: number, split: split, author: author, reason: reason, time: 5)
            return revision.split == split ? nil : .noVariants
        } catch {
            return error as? RoutingError
        }
    }

    @Test("has a number, an author and a reason of bounded length")
    func refuses() {
        #expect(Self.error() == nil)
        #expect(Self.error(author: String(repeating: "a", count: 128), reason: String(repeating: "r", count: 1_024)) == nil)
        #expect(Self.error(number: 0) == .noRevisionNumber)
        #expect(Self.error(author: "") == .badAuthor)
        #expect(Self.error(author: String(repeating: "a", count: 129)) == .badAuthor)
        #expect(Self.error(reason: String(repeating: "r", count: 1_025)) == .longReason(1_025))
    }

    @Test("every refusal says what to do about it")
    func describes() {
        let errors: [RoutingError] = [
            .noVariants, .tooManyVariants(40), .badName("é"), .duplicateName("a"), .collidingNames("a", "b"),
            .badWeight(name: "a", weight: -1), .noPositiveWeight, .badSalt(""), .tooManyRoutes(70_000), .badPath("x"),
            .duplicatePath("/a"), .noRevisionNumber, .badAuthor, .longReason(2_000),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}
