import Primitives
import Processes

/// What quarantine found about a candidate.
enum QuarantineVerdict: Sendable, Equatable {
    /// It opened, fits its contract and answered every row.
    case passed(QuarantinePass)
    case refused(QuarantineRefusal)
}

/// Why a candidate stays outside.
enum QuarantineRefusal: Error, Sendable, Equatable {
    /// It does not open, does not fit or does not answer, in the runtime's or the binding's words.
    case model(reason: String)
    /// It wanted more memory than a candidate gets.
    case memory(limit: Int, reason: String)
    /// It took more time than a candidate gets.
    case time(limit: Nanoseconds)
    /// It ended its process. `words` is what the process last said on standard error.
    case crash(signal: Int32, words: String)
    /// It could not be tried; nothing is known about the model.
    case untried(reason: String)

    /// A sentence for the person who wrote the route file, about the model at `path`.
    func sentence(about path: String) -> String {
        switch self {
        case .model(let reason): reason
        case .memory(let limit, let reason):
            "\(path) is refused: in quarantine it needed more than \(limit >> 20) MiB of memory (--limits quarantine-bytes): \(reason)"
        case .time(let limit):
            "\(path) is refused: in quarantine it was not done after \(limit / 1_000_000) ms of CPU time (--limits quarantine-ms)"
        case .crash(let signal, let words):
            "\(path) is refused: in quarantine it ended its process by \(SignalName.text(signal))" + (words.isEmpty ? "" : ": \(words)")
        case .untried(let reason): "\(path) could not be tried in quarantine: \(reason)"
        }
    }
}
