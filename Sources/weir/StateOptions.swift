import ArgumentParser
import Foundation
import Ledgers

/// The state folder, for every command that reads or writes the ledger.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the ledger: tokens, keys, splits, records. [WEIR_STATE]",
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
