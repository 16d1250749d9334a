/// Why a split, a route or a revision is refused. The description says what to change.
package enum RoutingError: Error, Equatable, CustomStringConvertible {
    case noVariants
    case tooManyVariants(Int)
    case badName(String)
    case duplicateName(String)
    /// Two names with one ``NameHash``: a prediction id could not tell them apart.
    case collidingNames(String, String)
    case badWeight(name: String, weight: Double)
    case noPositiveWeight
    case badSalt(String)
    case tooManyRoutes(Int)
    case badPath(String)
    case duplicatePath(String)
    case noRevisionNumber
    case badAuthor
    /// The bytes of the reason given.
    case longReason(Int)

    package var description: String {
        switch self {
        case .noVariants:
            "a split needs at least one variant"
        case .tooManyVariants(let count):
            "\(count) variants are more than the \(RoutingLimits.variants) that a route can have"
        case .badName(let name):
            "\"\(name)\" is no name of a variant: it takes \(words(RoutingLimits.nameBytes)) of A-Z a-z 0-9 . _ -"
        case .duplicateName(let name):
            "variant \"\(name)\" is named twice"
        case .collidingNames(let one, let other):
            "\"\(one)\" and \"\(other)\" have the same 32-bit name hash; rename one of them"
        case .badWeight(let name, let weight):
            "the weight of \"\(name)\" is \(weight): it takes 0 or \(words(RoutingLimits.weight))"
        case .noPositiveWeight:
            "every weight is 0: at least one variant has to take the traffic"
        case .badSalt(let salt):
            "\"\(salt)\" is no salt: it takes \(words(RoutingLimits.saltBytes)) bytes without the character U+001F"
        case .tooManyRoutes(let count):
            "\(count) routes are more than the \(RoutingLimits.routes) that a gateway can have"
        case .badPath(let path):
            "\"\(path)\" is no path: it takes / and then visible ASCII without ? and #, \(words(RoutingLimits.pathBytes)) bytes"
        case .duplicatePath(let path):
            "two routes have the path \(path)"
        case .noRevisionNumber:
            "revisions are numbered from 1"
        case .badAuthor:
            "a revision needs an author of up to \(RoutingLimits.authorBytes.upperBound) bytes"
        case .longReason(let count):
            "a reason of \(count) bytes is longer than \(RoutingLimits.reasonBytes)"
        }
    }

    private func words<Bound>(_ range: ClosedRange<Bound>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }
}
