import ArgumentParser
import Foundation
import Gateway

/// `weir serve`: the gateway itself.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the routes over HTTPS.",
        discussion: """
            Serves predictions, health and readiness on the data plane (--listen), and health, readiness, metrics and the API on the control \
            plane (--control). Follows changes of route files, tokens and splits without losing a request. SIGHUP reads the route files again; \
            SIGUSR2 puts the program's file, as it is now, in the place of the running one, without an outage; SIGTERM and SIGINT finish what is \
            in flight and stop.

            The process that is started supervises: it keeps the listening sockets and starts a worker, which does everything else, and another \
            one when that dies. All end together.

            Logs are JSON lines on standard output or in --log-file, with the names of the Elastic Common Schema; what is meant for a person \
            goes to standard error.
            """)

    @OptionGroup var options: ServeOptions

    func run() throws {
        let program = Program(
            path: CommandLine.arguments[0].contains("/") ? CommandLine.arguments[0] : Checkout.executable,
            arguments: Array(CommandLine.arguments.dropFirst(2)), environment: ProcessInfo.processInfo.environment)
        let configuration = try options.configuration()
        if program.isOnlyAsked {
            if let objection = program.objection { throw Refusal(objection) }
            return
        }
        let (log, logger) = try options.openLog("weir.supervisor")
        defer { log.flush() }
        let code = try Supervisor(configuration, program: program, logger: logger, log: log).run { data, control, routes in
            Exit.say("weir: data plane  https://\(data)")
            Exit.say("weir: control plane https://\(control)")
            Exit.say("weir: ready, \(routes) \(routes == 1 ? "route" : "routes")")
        }
        guard code == 0 else { throw ExitCode(code) }
    }
}
