/// Why models cannot be compared. Every description tells a person what is wrong.
package enum ComparisonError: Error, Equatable, CustomStringConvertible {
    /// The route's file has complaints, as `file:line: key: message`.
    case route([String])
    /// The folder holds no route of this name; those it holds.
    case unknownRoute(String, known: [String])
    /// The route's file names no such variant or shadow; those it names.
    case unknownVariant(String, known: [String])
    /// The new model cannot be read, does not pass quarantine, or answers another question than the route.
    case refused(String)
    /// The label is a field of the contract: without it no row is whole.
    case labelIsFeature(String)
    /// No row could be compared, and why.
    case nothing(String)

    package var description: String {
        switch self {
        case .route(let complaints): complaints.joined(separator: "\n")
        case .unknownRoute(let name, let known):
            "no route '\(name)' here" + (known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))")
        case .unknownVariant(let name, let known): "the route's file names no '\(name)'; it names \(known.joined(separator: ", "))"
        case .refused(let reason): reason
        case .labelIsFeature(let name): "'\(name)' is a field of the contract and cannot be the label"
        case .nothing(let reason): "no row could be compared: \(reason)"
        }
    }
}
