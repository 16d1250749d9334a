import Foundation
import Testing

@testable import Ledgers

@Suite struct BooksLockTests {
    @Test("only one keeps the books, and the next one when the first lets go")
    func oneAtATime() throws {
        let test = try TestFolder()
        try test.state.prepare()
        if let books = try BooksLock(test.state) {
            #expect(try !isFree(test.state))
            withExtendedLifetime(books) {}
        } else {
            Issue.record("nobody has them yet")
        }
        #expect(try isFree(test.state))
        #expect(try test.mode(of: "/books") == 0o600)
    }

    /// Whether nobody keeps the books of that folder.
    private func isFree(_ state: StateFolder) throws -> Bool {
        if let books = try BooksLock(state) {
            withExtendedLifetime(books) {}
            return true
        }
        return false
    }

    @Test("a folder that is gone is an error, not somebody else's books")
    func missing() throws {
        let test = try TestFolder()
        #expect(throws: LedgerError.self) { _ = try BooksLock(StateFolder(path: test.state.path + "/nowhere")) }
    }
}
