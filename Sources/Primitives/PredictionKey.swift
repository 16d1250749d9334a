/// A secret that signs prediction ids, and the number by which an id names it.
///
/// Keys rotate: new ids are signed by the newest, and old keys stay for as long as outcomes may arrive.
@frozen public struct PredictionKey: Sendable {
    public var id: UInt8
    public var secret: SipHash.Key

    @inlinable public init(id: UInt8, secret: SipHash.Key) {
        self.id = id
        self.secret = secret
    }
}
