import Primitives

/// Which route a path names: exact bytes, in a time that does not grow with the number of routes.
///
/// Immutable, open addressing with linear probing, at most half full. Only the operator's paths are in it, so a client cannot
/// lengthen a chain; it can at most look for paths that probe a long one, and the seed, fresh in each process, hides which those are.
@safe package struct RouteTable: ~Copyable, @unchecked Sendable {
    // Sendable: nothing writes to slots and bytes between `init` and `deinit`.
    private struct Slot {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        var count: UInt32 = 0
        /// The route's index; `vacant` ends a chain.
        var route = vacant
    }

    private static let vacant = Int.min

    private let slots: UnsafeMutablePointer<Slot>
    /// All paths, one after the other.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let mask: Int
    /// Bytes of the longest path: a longer one is no route.
    private let longest: Int
    private let seed: UInt64

    /// - Parameter paths: the path of each route; its place here is the index that `find` answers.
    /// - Parameter seed: random, the same for the life of this table.
    /// - Throws: ``RoutingError`` for a path that is malformed or there twice, and for too many.
    package init(_ paths: [String], seed: UInt64) throws(RoutingError) {
        guard paths.count <= RoutingLimits.routes else { throw .tooManyRoutes(paths.count) }
        var seen: Set<String> = []
        for path in paths {
            guard RouteTable.isPath(path) else { throw .badPath(path) }
            guard seen.insert(path).inserted else { throw .duplicatePath(path) }
        }
        self.seed = seed
        longest = paths.map(\.utf8.count).max() ?? 0
        // The power of two that leaves at least half of the slots vacant, so that every chain ends.
        let capacity = 1 << (Int.bitWidth - (2 * paths.count).leadingZeroBitCount)
        mask = capacity - 1
        // Both are owned by this value until its end, and initialized here as a whole.
        unsafe slots = .allocate(capacity: capacity)
        unsafe slots.initialize(repeating: Slot(), count: capacity)
        let joined = paths.flatMap { Array($0.utf8) }
        unsafe bytes = .allocate(capacity: max(1, joined.count))
        for (offset, byte) in joined.enumerated() { unsafe (bytes + offset).initialize(to: byte) }
        var start = 0
        for (route, path) in paths.enumerated() {
            place(path, at: start, route: route)
            start += path.utf8.count
        }
    }

    deinit {
        // Plain words and bytes: nothing to take apart.
        unsafe slots.deallocate()
        unsafe bytes.deallocate()
    }

    /// The index of the route with exactly this path; nil when there is none.
    ///
    /// - Parameter path: as on the wire, without the query. Case, escapes and a trailing slash count.
    package func find(_ path: RawSpan) -> Int? {
        guard path.byteCount <= longest else { return nil }
        let hash = XXH64.hash(path, seed: seed)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            // The mask keeps the place within the slots.
            let slot = unsafe slots[place]
            if slot.route == RouteTable.vacant { return nil }
            if slot.hash == hash && isPath(of: slot, path) { return slot.route }
            place = (place + 1) & mask
        }
    }

    private func isPath(of slot: Slot, _ path: RawSpan) -> Bool {
        // `place` wrote start and count of bytes that live as long as this table.
        let stored = unsafe UnsafeRawBufferPointer(start: bytes + Int(slot.start), count: Int(slot.count))
        return unsafe stored.bytes.hasSameBytes(as: path)
    }

    private func place(_ path: String, at start: Int, route: Int) {
        // The bytes of a span of UInt8 have no padding to leak.
        let hash = XXH64.hash(unsafe path.utf8.span.bytes, seed: seed)
        var place = Int(truncatingIfNeeded: hash) & mask
        // The mask keeps the place within the slots, half of which stay vacant.
        while unsafe slots[place].route != RouteTable.vacant { place = (place + 1) & mask }
        unsafe slots[place] = Slot(hash: hash, start: UInt32(start), count: UInt32(path.utf8.count), route: route)
    }

    private static func isPath(_ text: String) -> Bool {
        RoutingLimits.pathBytes.contains(text.utf8.count) && text.utf8.first == UInt8(ascii: "/")
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    }
}
