/// Every limit of this target: unit, reason, and the answer to what exceeds it.
package enum RoutingLimits {
    /// Variants of one route. Each costs about 250 instructions a request, and a mask of them fits a 32-bit word.
    /// More: the route is refused when it is loaded, ``RoutingError/tooManyVariants(_:)``.
    package static let variants = 32

    /// Bytes of a variant's name. It stands in headers, metrics and file names.
    /// Others: refused when loaded, ``RoutingError/badName(_:)``.
    package static let nameBytes = 1...64

    /// A weight that is not zero. Within these bounds no sum, share or score leaves the range in which doubles are exact enough.
    /// Others: refused when loaded, ``RoutingError/badWeight(name:weight:)``.
    package static let weight = 1e-12...1e12

    /// Bytes of a salt. The default is a route's name.
    /// Others: refused when loaded, ``RoutingError/badSalt(_:)``.
    package static let saltBytes = 1...128

    /// Bytes of a unit: user, session and device keys are far shorter, and every variant hashes all of them.
    /// Longer: the request is refused with 400 `unit-too-long`, because two long keys cut to one would be one user.
    /// Empty: as if there was none.
    package static let unitBytes = 1...256

    /// Routes of one gateway.
    /// More: the plan is refused, ``RoutingError/tooManyRoutes(_:)``.
    package static let routes = 65_536

    /// Bytes of a route's path. A longer request path is no route and is not even hashed.
    /// Others: refused when loaded, ``RoutingError/badPath(_:)``.
    package static let pathBytes = 1...256

    /// Bytes of a revision's author: the name of a token, a person or `file`.
    /// Others: the revision is refused, ``RoutingError/badAuthor``.
    package static let authorBytes = 1...128

    /// Bytes of the reason given for a revision; it may be empty.
    /// Longer: the revision is refused, ``RoutingError/longReason(_:)``.
    package static let reasonBytes = 1_024
}
