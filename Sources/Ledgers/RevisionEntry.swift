/// One numbered, immutable split of a route. The highest number of a route is in force.
package struct RevisionEntry: Hashable, Sendable {
    /// The author of revisions that come from the route's file. No person may use that name.
    package static let fileAuthor = "file"

    package var route: String
    /// 1 for a route's first revision, then without gaps.
    package var number: UInt32
    /// Every variant of the route, in the order in which they were given.
    package var weights: [NamedWeight]
    package var author: String
    package var reason: String
    package var at: Timestamp
}
