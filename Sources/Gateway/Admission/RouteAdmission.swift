import Admission
import Ledgers
import RouteFiles

/// The limits of one route that hold over plans, and the words that they are made of.
struct RouteAdmission {
    /// How many of its predictions are answered at once; nil: as many as come.
    private(set) var concurrency: ConcurrencyGate?
    /// How many may be tried again; nil: none.
    private(set) var retry: RetryBudget?
    /// Keeps alive what the gates point to.
    private var words: [SharedWords] = []

    /// A route without limits.
    init() {}

    /// What a route file says.
    init(_ file: RouteFile, _ known: AdmissionWords) {
        if let entry = file.concurrency {
            let places = known.words(of: .concurrency(file.name))
            concurrency = ConcurrencyGate(places, limit: entry.limit, isEnforced: entry.mode == .enforce)
            words.append(places)
        }
        if let entry = file.retry {
            let seconds = known.words(of: .retries(file.name))
            retry = RetryBudget(seconds, percent: entry.budget)
            words.append(seconds)
        }
    }
}

/// The rate of one token, and the words that it is made of.
struct TokenAdmission {
    /// nil: as fast as it likes.
    let rate: RateGate?
    /// Keeps alive what the gate points to.
    let words: SharedWords?

    /// What the ledger says of a token.
    init(_ token: AccessToken, _ known: AdmissionWords) {
        words = token.rate.map { _ in known.words(of: .token(token.id)) }
        guard let rate = token.rate, let words else {
            self.rate = nil
            return
        }
        self.rate = RateGate(words, limit: RateLimit(rate: rate.perSecond, burst: rate.burst), isEnforced: rate.mode == .enforce)
    }
}
