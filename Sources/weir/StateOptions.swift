import ArgumentParser
import Foundation
import Ledgers

/// The state folder, for every command that reads or writes the ledger.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the ledger: tokens, keys, splits. [WEIR_STATE]",
            discussion: "Default: .state in the checkout that holds this program, else in the current folder.", valueName: "dir"))
    var state: String?

    /// The folder named by the option, its variable or the default.
    func folder() throws -> StateFolder {
        StateFolder(path: try Flags.value(state, "state") ?? Checkout.root + "/.state")
    }

    /// Opens the ledger in that folder.
    func open(ifAbsent absence: Ledger.Absence, now: Timestamp) throws -> Ledger {
        try Ledger(folder(), ifAbsent: absence, now: now)
    }
}

/// Who changes something, for the audit and the history.
struct AuthorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who does this. Default: the user who is logged in. [WEIR_AUTHOR]", valueName: "name"))
    var author: String?

    /// The author named by the option or its variable, else by `USER`, else by the system's list of users.
    func name() throws -> String {
        if let author = try Flags.value(author, "author") { return author }
        if let user = ProcessInfo.processInfo.environment["USER"], !user.isEmpty { return user }
        let user = NSUserName()
        return user.isEmpty ? "uid \(geteuid())" : user
    }
}
