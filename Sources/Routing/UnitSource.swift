/// Where in a request the unit stands.
package enum UnitSource: Hashable, Sendable {
    /// The value of a header field; the name in lower case.
    case header(String)
    /// The value of a field of the body.
    case field(String)
    /// The value of a cookie; names of cookies know upper and lower case.
    case cookie(String)
    /// Nowhere: each prediction is its own unit.
    case none
}

/// What a unit's length means for its request.
package enum UnitFit: Hashable, Sendable {
    /// Empty: the request names no unit, and the prediction is its own.
    case absent
    case fits
    /// The caller's mistake, 400 `unit-too-long`: see ``RoutingLimits/unitBytes``.
    case tooLong

    package init(byteCount: Int) {
        self =
            if byteCount < RoutingLimits.unitBytes.lowerBound {
                .absent
            } else if byteCount <= RoutingLimits.unitBytes.upperBound {
                .fits
            } else {
                .tooLong
            }
    }
}
