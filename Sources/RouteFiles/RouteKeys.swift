/// The keys of a route file, for recognising them and for guessing which one was meant.
enum RouteKeys {
    static let route = [
        "route", "path", "unit", "salt", "deadline", "sample", "rows", "body", "extra", "missing", "labels", "input", "variants",
        "shadows", "outcomes", "log", "slow", "breaker", "retry", "fallback", "concurrency",
    ]
    /// Keys that a later version serves. They are refused: a file that asks for them must not run without.
    static let later = ["experiment", "ramp", "tokens", "rate"]
    static let unit = ["header", "field", "cookie"]
    static let field = ["name", "type", "min", "max", "default", "required", "private", "values", "max_length"]
    static let variant = ["model", "sha256", "weight", "run"]
    static let shadow = ["name", "model", "sha256", "percent", "follow", "limit", "tolerance"]
    static let outcome = ["kind", "better", "window", "absence", "cap"]
    static let log = ["percent"]
    static let breaker = [
        "mode", "failures", "calls", "failure_rate", "slow_rate", "window", "open", "open_at_most", "successes", "ramp",
    ]
    static let retry = ["budget"]
    static let fallback = ["variant", "body", "status"]
    static let concurrency = ["limit", "mode"]

    /// Paths that the gateway answers itself; nothing may be served at or below them.
    static let reservedPaths = ["/healthz", "/readyz", "/metrics", "/v1/outcomes", "/api"]
}
