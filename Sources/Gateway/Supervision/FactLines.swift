/// Facts that one process tells another: lines of a name, a blank and the value. The first line says what it is and in which version.
struct FactLines {
    private var lines: [(name: Substring, value: Substring)] = []
    private let title: String

    /// Begins a text.
    init(_ title: String, version: Int) {
        self.title = "\(title) \(version)"
    }

    /// Reads a text; nil when it is not one of that title and version.
    init?(_ text: String, _ title: String, version: Int) {
        self.init(title, version: version)
        let all = text.split(separator: "\n")
        guard let first = all.first, first == self.title else { return nil }
        lines = all.dropFirst().map { line in
            let end = line.firstIndex(of: " ") ?? line.endIndex
            return (line[..<end], line[end...].dropFirst())
        }
    }

    /// The whole text.
    var text: String { ([title] + lines.map { "\($0.name) \($0.value)" }).joined(separator: "\n") + "\n" }

    /// Adds a fact. The value has no line break.
    mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        lines.append((Substring(name), Substring("\(value)")))
    }

    /// The first value of that name.
    func value(_ name: String) -> Substring? {
        lines.first { $0.name == name }?.value
    }

    /// The first value of that name, as a number.
    func number<Number: FixedWidthInteger>(_ name: String, as type: Number.Type = Number.self) -> Number? {
        value(name).flatMap { Number($0) }
    }

    /// The words of every value of that name.
    func words(_ name: String) -> [[Substring]] {
        lines.filter { $0.name == name }.map { $0.value.split(separator: " ") }
    }
}

extension WorkerHistory {
    /// Adds it to facts.
    func write(to facts: inout FactLines) {
        for (reason, count) in restarts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { facts.add("restarts", "\(reason.rawValue) \(count)") }
        if let death { facts.add("death", "\(death.signal ?? 0) \(death.code) \(death.at)") }
    }

    /// Reads it from facts; what is not understood is left out.
    init(_ facts: FactLines) {
        var restarts: [RestartReason: UInt64] = [:]
        for words in facts.words("restarts") where words.count == 2 {
            if let reason = RestartReason(rawValue: String(words[0])), let count = UInt64(words[1]) { restarts[reason] = count }
        }
        var death: WorkerDeath?
        if let words = facts.words("death").first, words.count == 3, let signal = Int32(words[0]), let code = Int32(words[1]), let at = UInt64(words[2]) {
            death = WorkerDeath(signal: signal == 0 ? nil : signal, code: code, at: at)
        }
        self.init(restarts: restarts, death: death)
    }
}
