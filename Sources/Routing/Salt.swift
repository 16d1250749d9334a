/// What makes the assignments of one route independent of those of another: the route's name unless its file sets a salt.
///
/// Routes with one salt and the same variant names assign a unit alike.
package struct Salt: Hashable, Sendable {
    package let text: String

    /// - Throws: ``RoutingError/badSalt(_:)`` for text that is empty, too long, or holds the separator U+001F.
    package init(_ text: String) throws(RoutingError) {
        guard RoutingLimits.saltBytes.contains(text.utf8.count), !text.utf8.contains(Rendezvous.separator) else { throw .badSalt(text) }
        self.text = text
    }
}
