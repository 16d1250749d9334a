import Processes

/// A variant with one model, as thread slots name it.
struct Suspect: Hashable {
    /// 32-bit hashes of the names.
    let route: UInt32
    let variant: UInt32
    /// The first 8 bytes of the model file's SHA-256, as a big-endian number.
    let model: UInt64
}

/// Who was inside a model in the last deaths that nobody said a word about: SIGKILL, and want of memory. One such death proves nothing, since
/// everybody who happened to run is a suspect; who is a suspect twice in three deaths is put aside all the same.
struct SuspectList: Equatable {
    /// The suspects of each death, the oldest first.
    private(set) var deaths: [Set<Suspect>] = []

    /// Deaths that are remembered, and in how many of them a suspect must be.
    static let deathsKept = 3
    static let deathsNeeded = 2
    private static let title = "weir-suspects"
    private static let version = 1

    init() {}

    /// Reads a list; an empty one when the text is none, or of another version.
    init(_ text: String) {
        guard let facts = FactLines(text, Self.title, version: Self.version) else { return }
        deaths = facts.words("death").suffix(Self.deathsKept).map { Set($0.compactMap(Suspect.init)) }
    }

    /// As text, for the file.
    var text: String {
        var facts = FactLines(Self.title, version: Self.version)
        for death in deaths {
            facts.add("death", death.map { "\($0.route):\($0.variant):\($0.model)" }.sorted().joined(separator: " "))
        }
        return facts.text
    }

    /// Notes a death, and says who is to be put aside for it. Who is, starts anew: what he did was held against him once.
    mutating func note(_ suspects: Set<Suspect>) -> Set<Suspect> {
        deaths = (deaths + [suspects]).suffix(Self.deathsKept)
        let guilty = suspects.filter { suspect in deaths.count { $0.contains(suspect) } >= Self.deathsNeeded }
        deaths = deaths.map { $0.subtracting(guilty) }
        return guilty
    }
}

extension Suspect {
    init(_ occupant: SlotOccupant) {
        self.init(route: occupant.route, variant: occupant.variant, model: occupant.model)
    }

    fileprivate init?(_ word: Substring) {
        let parts = word.split(separator: ":")
        guard parts.count == 3, let route = UInt32(parts[0]), let variant = UInt32(parts[1]), let model = UInt64(parts[2]) else { return nil }
        self.init(route: route, variant: variant, model: model)
    }
}

/// What a dead worker's slots say about who is to blame.
enum Blame: Equatable {
    /// A thread crashed, or hung, while it was inside this.
    case named(Suspect)
    /// A thread crashed that was inside nothing: our own fault, and no variant's.
    case ours
    /// Nothing was said: whoever was inside is a suspect.
    case unknown(Set<Suspect>)

    init(_ reading: CrashReading) {
        if let culprit = reading.culprit {
            self = .named(Suspect(culprit))
        } else if reading.slot != nil {
            self = .ours
        } else {
            self = .unknown(Set(reading.occupants.map(Suspect.init)))
        }
    }
}
