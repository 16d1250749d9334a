import ArgumentParser
import Foundation
import Gateway

/// `weir quarantine`: tries the one candidate that `weir serve` or `weir check` hands over on standard input. Not for people.
struct TryCandidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Try a candidate that another weir process hands over.", shouldDisplay: false)

    func run() throws {
        let code = QuarantineProcess.run()
        if code != 0 { throw ExitCode(code) }
    }
}
