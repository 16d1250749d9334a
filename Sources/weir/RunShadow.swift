import ArgumentParser
import Gateway

/// `weir shadow`: runs the one model that `weir worker` hands over on standard input, when nobody else wants the CPU. Not for people.
struct RunShadow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "Run a shadow's model for a worker.", shouldDisplay: false)

    @Argument(help: "Scores that the model answers a row.")
    var scores: Int

    func run() throws {
        let code = ShadowProcess.run(scoreCount: max(0, scores))
        if code != 0 { throw ExitCode(code) }
    }
}
