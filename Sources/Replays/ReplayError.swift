/// Why a replay could not begin or go on. An answer with an error status is no such reason: it is counted in the report.
package enum ReplayError: Error, Equatable, CustomStringConvertible {
    /// The file of rows cannot be read.
    case unreadable(file: String, reason: String)
    /// A line of the file is no row.
    case badRow(file: String, line: Int, reason: String)
    /// The file holds no row.
    case noRows(file: String)
    /// An option has a value that cannot be used.
    case badOption(name: String, reason: String)
    /// Nothing answered at all.
    case unreachable(url: String, reason: String)
    /// libcurl or the system refused something that should work.
    case client(step: String, reason: String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .badRow(let file, let line, let reason): "\(file):\(line): \(reason)"
        case .noRows(let file): "\(file): holds no rows"
        case .badOption(let name, let reason): "\(name): \(reason)"
        case .unreachable(let url, let reason): "no answer from \(url): \(reason)"
        case .client(let step, let reason): "\(step): \(reason)"
        }
    }
}
