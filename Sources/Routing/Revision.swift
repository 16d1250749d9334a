/// A numbered, immutable split of one route: who set it, why and when. The newest is in force.
package struct Revision: Hashable, Sendable {
    /// The route's name.
    package let route: String
    /// Counts from 1 within the route.
    package let number: UInt32
    package let split: Split
    /// The name of a token or a person, or `file` when the route file changed.
    package let author: String
    /// In the author's words; may be empty.
    package let reason: String
    /// Milliseconds since 1970 UTC.
    package let time: UInt64

    /// - Throws: ``RoutingError`` for number zero, no author, or texts beyond their limits.
    package init(route: String, number: UInt32, split: Split, author: String, reason: String, time: UInt64) throws(RoutingError) {
        guard number > 0 else { throw .noRevisionNumber }
        guard RoutingLimits.authorBytes.contains(author.utf8.count) else { throw .badAuthor }
        guard reason.utf8.count <= RoutingLimits.reasonBytes else { throw .longReason(reason.utf8.count) }
        self.route = route
        self.number = number
        self.split = split
        self.author = author
        self.reason = reason
        self.time = time
    }
}
