import ArgumentParser
import Foundation

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
