import Primitives

/// How soon a worker that died is replaced: at once, and more slowly the more often it dies without having lived for a while, so that a
/// worker that cannot live never takes a whole CPU for dying.
struct RestartPace: Equatable {
    /// Deaths in a row of workers that did not live long.
    private(set) var streak = 0

    /// The pause before the second restart in a row; it doubles with each one after that.
    static let firstPause: Nanoseconds = .milliseconds(100)
    static let longestPause: Nanoseconds = .seconds(10)
    /// Who lived so long has lived: the next restart is at once again.
    static let longLife: Nanoseconds = .seconds(60)

    init(streak: Int = 0) {
        self.streak = max(0, streak)
    }

    /// Notes a death, and says how long to wait before the next start.
    mutating func pause(afterLifeOf life: Nanoseconds) -> Nanoseconds {
        if life >= Self.longLife { streak = 0 }
        defer { streak += 1 }
        guard streak > 0 else { return 0 }
        return min(Self.longestPause, Self.firstPause << UInt64(min(streak - 1, 20)))
    }
}
