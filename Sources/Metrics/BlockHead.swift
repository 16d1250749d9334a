import Primitives
import Synchronization

/// What a block counts. Raw values are part of the layout.
package enum BlockKind: UInt8, CaseIterable, Sendable {
    case reactor = 1
    case route = 2
    case variant = 3
    case exposures = 4
    /// A shadow's copies; `variant` is its name.
    case copies = 5
    /// A shadow's answers beside a primary variant's; `variant` is its name.
    case pairs = 6
}

/// Whether a block counts now. Raw values are part of the layout.
package enum BlockState: UInt64, Sendable {
    /// Belongs to nobody and holds nothing.
    case free = 0
    /// A reactor counts in it.
    case live = 1
    /// Nobody counts in it any more; to be folded into the ledger.
    case finished = 2
}

/// The first 32 words of a block: whose numbers it holds.
///
/// | word | |
/// |---|---|
/// | 0 | `0x5745_4952_0000_0000`, layout version << 8, ``BlockKind`` |
/// | 1 | length in words, head included |
/// | 2 | serial, unique in its file, from 1 |
/// | 3 | ``BlockState`` |
/// | 4, 5 | revision, shape (``VariantShape``) |
/// | 6, 7 | milliseconds of a slice, last slice that the ledger has |
/// | 8 … 15, 16 … 23 | route, variant: UTF-8, filled up with zeros |
/// | 24 | milliseconds since 1970 of the block's creation |
/// | 25 | declaration of the outcomes |
/// | 26, 27 | outputs with a sketch, words of features |
/// | 28 … 31 | zero |
package struct BlockHead: Equatable, Sendable {
    package var kind: BlockKind
    package var length: Int
    package var serial: UInt64
    package var state: BlockState = .live
    package var revision: UInt32 = 0
    package var shape: UInt64 = 0
    package var sliceMilliseconds: UInt64 = 0
    package var foldedThrough: UInt64 = 0
    /// Empty for reactors.
    package var route: String = ""
    /// Empty for reactors and routes.
    package var variant: String = ""
    package var created: UInt64 = 0
    package var declaration: UInt32 = 0
    package var outputs = 0
    package var featureWords = 0

    enum Place {
        static let magic = 0, length = 1, serial = 2, state = 3, route = 8, variant = 16
        static let nameWords = 8
    }

    /// Writes all words, the state last: a block without a state is nobody's. Only while nobody counts in it.
    func write(to words: UnsafeMutablePointer<Word>) {
        for (index, value) in self.words.enumerated() where index != Place.state {
            // The block is at least a head long.
            unsafe words.set(value, at: index)
        }
        unsafe words[Place.state].store(state.rawValue, ordering: .releasing)
    }

    /// All words of the head.
    package var words: [UInt64] {
        [
            CellLayout.blockMagic | CellLayout.version << 8 | UInt64(kind.rawValue), UInt64(length), serial, state.rawValue,
            UInt64(revision), shape, sliceMilliseconds, foldedThrough,
        ] + Self.words(of: route) + Self.words(of: variant) + [
            created, UInt64(declaration), UInt64(outputs), UInt64(featureWords), 0, 0, 0, 0,
        ]
    }

    /// A name as eight words, first byte lowest; bytes past ``Limits/nameBytes`` are left out.
    private static func words(of name: String) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: Place.nameWords)
        for (index, byte) in name.utf8.prefix(Limits.nameBytes).enumerated() { words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8)) }
        return words
    }
}

extension BlockHead {
    /// Reads a head that somebody wrote, maybe somebody else: believes nothing.
    ///
    /// - Parameters:
    ///   - words: the 32 words.
    ///   - room: words from the block's beginning to the end of what is in use.
    init(words: [UInt64], room: Int) throws(BlockFault) {
        precondition(words.count == CellLayout.head)
        guard words[Place.magic] >> 32 == CellLayout.blockMagic >> 32 else { throw .noBlock }
        length = try Self.length(words[Place.length], room: room)
        guard words[Place.magic] >> 8 & 0xFF_FFFF == CellLayout.version else { throw .version(words[Place.magic] >> 8 & 0xFF_FFFF) }
        guard let kind = BlockKind(rawValue: UInt8(words[Place.magic] & 0xFF)) else { throw .kind(words[Place.magic] & 0xFF) }
        guard let state = BlockState(rawValue: words[Place.state]) else { throw .field("state") }
        guard let revision = UInt32(exactly: words[4]) else { throw .field("revision") }
        guard let declaration = UInt32(exactly: words[25]) else { throw .field("declaration") }
        guard words[26] <= UInt64(Limits.sketchedOutputs), words[27] <= UInt64(Limits.binnedFeatures * FeatureBins.words) else {
            throw .field("outputs or features")
        }
        self.kind = kind
        self.state = state
        self.revision = revision
        self.declaration = declaration
        serial = words[Place.serial]
        shape = words[5]
        sliceMilliseconds = words[6]
        foldedThrough = words[CellLayout.foldedThrough]
        created = words[24]
        (outputs, featureWords) = (Int(words[26]), Int(words[27]))
        if state == .free { return }
        guard serial > 0 else { throw .field("serial") }
        guard let route = Self.name(words[Place.route..<Place.variant]), let variant = Self.name(words[Place.variant..<24]) else {
            throw .name
        }
        (self.route, self.variant) = (route, variant)
    }

    /// The length that a block states, when a block of that length can be there.
    static func length(_ stated: UInt64, room: Int) throws(BlockFault) -> Int {
        guard let length = Int(exactly: stated), length >= CellLayout.head, length <= room, length % CellLayout.leastAlignment == 0 else {
            throw .length(stated)
        }
        return length
    }

    /// nil when the bytes are not UTF-8, or go on after a zero.
    private static func name(_ words: ArraySlice<UInt64>) -> String? {
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
        let text = bytes.prefix { $0 != 0 }
        guard bytes.dropFirst(text.count).allSatisfy({ $0 == 0 }) else { return nil }
        return String(validating: text, as: UTF8.self)
    }
}

/// Why words are not a block that can be read.
package enum BlockFault: Error, Equatable, CustomStringConvertible {
    /// No block begins here.
    case noBlock
    /// The length cannot be, or reaches past what is there.
    case length(UInt64)
    case version(UInt64)
    case kind(UInt64)
    /// A word of the head holds what it cannot.
    case field(String)
    /// A name is not UTF-8.
    case name
    /// The words do not hold what the head says.
    case content(BlockKind)
    /// Another block of the file has the same serial.
    case serial(UInt64)

    package var description: String {
        switch self {
        case .noBlock: "no block begins here"
        case .length(let words): "a block of \(words) words cannot be here"
        case .version(let version): "a block has layout \(version), this program reads \(CellLayout.version)"
        case .kind(let kind): "a block has the unknown kind \(kind)"
        case .field(let name): "a block's \(name) cannot be"
        case .name: "a block's name is not UTF-8"
        case .content(let kind): "a block of kind \(kind) does not hold what its head says"
        case .serial(let serial): "two blocks have the serial \(serial)"
        }
    }
}
