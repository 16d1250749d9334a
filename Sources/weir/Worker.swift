import Admin
import ArgumentParser
import Gateway

/// `weir worker`: what `weir serve` starts to do the serving. Not for people.
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve for a supervisor.", shouldDisplay: false)

    @OptionGroup var options: ServeOptions

    func run() throws {
        let configuration = try options.configuration()
        let inheritance = try WorkerInheritance(configuration)
        let (log, logger) = try options.openLog("weir")
        defer { log.flush() }
        let server: Server
        do {
            server = try Server(
                configuration, inheritance, logger: logger, log: log,
                handler: { view, ledger in
                    let router = AdminRouter(
                        view: view, ledger: ledger, logger: logger, version: Version.text, areMetricsOpen: configuration.areMetricsOpen)
                    return { router.answer($0) }
                },
                progress: { if inheritance.isFirst { Exit.say("weir: opening \($0)") } })
        } catch ServerError.routes(let complaints) {
            for complaint in complaints { Exit.say(complaint) }
            throw Refusal("the routes cannot be served: \(complaints.count) \(complaints.count == 1 ? "complaint" : "complaints")")
        }
        try server.run()
    }
}
