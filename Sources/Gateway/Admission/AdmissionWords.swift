import Admission

/// The words behind the limits of tokens and routes, from one plan to the next. Belongs to the control thread.
///
/// Words live as long as a plan uses them: an unchanged limit goes on where it was, and one that is declared anew after a pause starts anew.
final class AdmissionWords {
    /// What a word limits.
    enum Subject: Hashable {
        /// A token's rate, by the token's number, which is never used again.
        case token(Int64)
        /// A route's concurrency, by its name.
        case concurrency(String)
        /// A route's retries, by its name.
        case retries(String)
    }

    private struct WeakWords {
        weak var words: SharedWords?
    }

    private var known: [Subject: WeakWords] = [:]

    /// The words of a limit: those that a plan in use already has, else new ones.
    func words(of subject: Subject) -> SharedWords {
        if let words = known[subject]?.words { return words }
        let words: SharedWords
        switch subject {
        case .token, .concurrency: words = SharedWords()
        case .retries: words = SharedWords(count: RetryBudget.words)
        }
        known[subject] = WeakWords(words: words)
        return words
    }

    /// Forgets the words that no plan uses any more. Called once a plan.
    func prune() {
        known = known.filter { $0.value.words != nil }
    }
}
