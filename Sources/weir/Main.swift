import ArgumentParser

@main struct Weir: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "An HTTPS gateway with the models inside: splits traffic between variants and measures each.",
        discussion: Flags.discussion,
        version: Version.text,
        subcommands: [
            Serve.self, Check.self, Token.self, Split.self, Promote.self, History.self, Report.self, Breaker.self, Fault.self, Replay.self,
            Compare.self, Export.self, Forget.self, Worker.self, TryCandidate.self, RunShadow.self,
        ])

    static func main() { Exit.run(Self.self) }
}
