/// Adds up what became of outcomes. Bounded: see `Limits`.
struct OutcomeTally {
    private struct Answer: Hashable {
        var kind: Int
        var word: String
    }

    private struct Kind: Hashable {
        var status: Int?
        /// The server's code, or why no answer came.
        var reason: String
    }

    private static let other = "(other)"
    private var answers: [Answer: Int] = [:]
    private var failures: [Kind: (count: Int, example: String)] = [:]

    /// One outcome of the kind with this number was answered with `word`.
    mutating func add(kind: Int, word: String) {
        var answer = Answer(kind: kind, word: word)
        if answers[answer] == nil, answers.count >= Limits.outcomeAnswers { answer.word = Self.other }
        answers[answer, default: 0] += 1
    }

    /// `count` outcomes were not taken: with this status, or without an answer if it is nil; `text` says why.
    mutating func fail(_ count: Int, status: Int?, text: ArraySlice<UInt8>) {
        let example = shortened(text)
        var kind = Kind(status: status, reason: (try? JSONObject(text))?.text("code") ?? example)
        if failures[kind] == nil, failures.count >= Limits.failureKinds { kind = Kind(reason: Self.other) }
        failures[kind, default: (0, example)].count += count
    }

    /// Everything so far: answers in the order of `kinds`, the most frequent first among those of one kind; and so the failures.
    func report(_ kinds: [OutcomeKind]) -> ReplayReport.Outcomes {
        let sorted = answers.sorted { ($0.key.kind, -$0.value, $0.key.word) < ($1.key.kind, -$1.value, $1.key.word) }
        return ReplayReport.Outcomes(
            answers: sorted.map { .init(name: kinds[$0.key.kind].name, answer: $0.key.word, count: $0.value) },
            failures: failures.map { .init(status: $0.key.status, count: $0.value.count, example: $0.value.example) }
                .sorted { (-$0.count, $0.status ?? 0, $0.example) < (-$1.count, $1.status ?? 0, $1.example) })
    }
}
