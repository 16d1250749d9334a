import Admission
package import Ledgers
import Primitives
import TLS

/// What a token may do.
struct TokenScopes: OptionSet, Sendable {
    let rawValue: UInt8
    static let predict = TokenScopes(rawValue: 1)
    static let outcome = TokenScopes(rawValue: 2)
    static let override = TokenScopes(rawValue: 4)
    static let view = TokenScopes(rawValue: 8)
    static let adjust = TokenScopes(rawValue: 16)
    static let admin = TokenScopes(rawValue: 32)
}

/// One live token as a plan knows it: never the secret, only its SHA-256.
struct TokenEntry {
    /// Four words of the digest.
    let digest: (UInt64, UInt64, UInt64, UInt64)
    let scopes: TokenScopes
    /// The only route it is for; nil: all.
    let route: NameHash?
    /// Wall milliseconds; `UInt64.max`: never.
    let expires: UInt64
    /// How fast it may ask for predictions; nil: as it likes.
    var rate: RateGate?
}

/// Whom a token was made for, off the data path: what the control plane decides by and writes into the audit.
package struct TokenHolder: Hashable, Sendable {
    package let name: String
    package let scopes: Scopes
    /// The only route it is for; nil: all.
    package let route: String?

    package init(name: String, scopes: Scopes, route: String?) {
        self.name = name
        self.scopes = scopes
        self.route = route
    }
}

/// The live tokens of a plan: an open-addressing table over their digests.
///
/// Where a digest falls tells nothing about a secret (SHA-256 has no known preimages), so only the last comparison is made in constant time.
final class TokenTable: @unchecked Sendable {
    // Read-only after init.
    let entries: UnsafeMutablePointer<TokenEntry>
    private let count: Int
    /// Whether at most one of them may ask for predictions.
    let hasOneCaller: Bool
    private let places: UnsafeMutablePointer<Int32>
    private let mask: Int
    private let holders: [TokenHolder]
    /// Keeps alive what the rates point to.
    private let words: [SharedWords]

    /// - Parameters:
    ///   - holders: one for each token, in the same order; the control plane knows no others.
    ///   - words: what the tokens' rates were made of.
    init(_ tokens: [TokenEntry], holders: [TokenHolder] = [], words: [SharedWords] = []) {
        count = tokens.count
        hasOneCaller = tokens.count { $0.scopes.contains(.predict) } <= 1
        self.holders = holders
        self.words = words
        entries = .allocate(capacity: max(1, count))
        var size = 8
        while size < 2 * count { size *= 2 }
        mask = size - 1
        places = .allocate(capacity: size)
        places.initialize(repeating: -1, count: size)
        for (index, token) in tokens.enumerated() {
            (entries + index).initialize(to: token)
            var place = Int(truncatingIfNeeded: token.digest.0) & mask
            while places[place] >= 0 { place = (place + 1) & mask }
            places[place] = Int32(index)
        }
    }

    deinit {
        entries.deallocate()
        places.deallocate()
    }

    /// Whom the token at an index was made for.
    func holder(_ index: Int32) -> TokenHolder? {
        holders.indices.contains(Int(index)) ? holders[Int(index)] : nil
    }

    /// The index of the token with this secret; -1 when there is none.
    func index(ofSecret bytes: UnsafePointer<UInt8>, count: Int) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
            let digest = UnsafeMutableRawPointer(words.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: UInt8.self)
            SHA256Digest.write(of: bytes, count: count, into: digest)
            var place = Int(truncatingIfNeeded: words[0]) & mask
            while places[place] >= 0 {
                let entry = UnsafeRawPointer(entries + Int(places[place])).assumingMemoryBound(to: UInt8.self)
                if SHA256Digest.areEqual(entry, digest, count: SHA256Digest.byteCount) { return places[place] }
                place = (place + 1) & mask
            }
            return -1
        }
    }
}
