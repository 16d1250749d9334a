import Glibc
import Inference
import Processes
import Reactor
import Synchronization
import TLS

/// Tries candidates in processes of their own before anybody opens them where traffic is, and remembers which have passed.
final class Quarantine: Sendable {
    private let trial: QuarantineTrial
    private let passes: PassRecord
    /// The runtime's version.
    private let runtime: String
    private let identity: String
    private let stopFlag = StopFlag()

    /// - Parameters:
    ///   - program: this program's file, which is started with the verb `quarantine`.
    ///   - folder: the state folder; nil: passes are not remembered.
    init(program: String = "/proc/self/exe", library: String, runtime: String, limits: GatewayLimits, folder: String?) {
        let limits = QuarantineLimits(time: limits.quarantineTime, bytes: limits.quarantineBytes)
        trial = QuarantineTrial(program: program, library: library, limits: limits, stop: stopFlag)
        passes = PassRecord(folder: folder.map { $0 + "/quarantine" })
        self.runtime = runtime
        identity = Self.identity(of: program)
    }

    /// Whatever is tried is given up, as fast as its process can be ended; verdicts are then `untried`.
    func stop() { stopFlag.set() }

    /// Tries the candidates that have not passed yet, each once, some at a time. `progress` is told how many, when there are any.
    /// - Returns: a verdict for each, in their order.
    func verdicts(on candidates: [Candidate], progress: (Int) -> Void = { _ in }) -> [QuarantineVerdict] {
        var known: [PassRecord.Key: QuarantineVerdict] = [:]
        var waiting: [(key: PassRecord.Key, candidate: Candidate)] = []
        let keys = candidates.map { key(of: $0) }
        for (key, candidate) in zip(keys, candidates) where known[key] == nil {
            known[key] = passes.pass(key).map { .passed($0) } ?? .refused(.untried(reason: "no thread could be started"))
            if case .refused = known[key] { waiting.append((key, candidate)) }
        }
        if !waiting.isEmpty { progress(waiting.count) }
        known.merge(tryAll(waiting)) { $1 }
        return keys.compactMap { known[$0] }
    }

    /// Tries a candidate again after it crashed: with its sample rows, and before them with the rows that were inside. It has passed only if
    /// it passes now.
    func rerun(_ candidate: Candidate, suspects: [KeptRows]) -> QuarantineVerdict {
        let key = key(of: candidate)
        passes.forget(key)
        return tryAll([(key, candidate)], suspects: suspects)[key] ?? .refused(.untried(reason: "no thread could be started"))
    }

    /// On threads of their own: the processes inherit how far these step back, and end with them.
    private func tryAll(_ waiting: [(key: PassRecord.Key, candidate: Candidate)], suspects: [KeptRows] = []) -> [PassRecord.Key:
        QuarantineVerdict]
    {
        let work = Work(waiting)
        let threads = (0..<min(QuarantineLimits.atOnce, waiting.count)).compactMap { number in
            try? Thread.start("weir-trial\(number)", niceness: QuarantineLimits.niceness) {
                while let (key, candidate) = work.next() {
                    let verdict = self.trial.verdict(on: candidate, suspects: suspects)
                    if case .passed(let pass) = verdict { self.passes.remember(key, model: candidate.path, pass) }
                    work.done(key, verdict)
                }
            }
        }
        for thread in threads { thread.join() }
        return work.verdicts
    }

    /// What waits and what was found; the lock is held to take one or to add one.
    private final class Work: Sendable {
        private let waiting: Mutex<[(key: PassRecord.Key, candidate: Candidate)]>
        private let found = Mutex<[PassRecord.Key: QuarantineVerdict]>([:])

        init(_ waiting: [(key: PassRecord.Key, candidate: Candidate)]) { self.waiting = Mutex(waiting.reversed()) }

        var verdicts: [PassRecord.Key: QuarantineVerdict] { found.withLock { $0 } }

        func next() -> (PassRecord.Key, Candidate)? { waiting.withLock { $0.popLast() } }

        func done(_ key: PassRecord.Key, _ verdict: QuarantineVerdict) { found.withLock { $0[key] = verdict } }
    }

    private func key(of candidate: Candidate) -> PassRecord.Key {
        let rows = candidate.samples.prefix(SampleRows.warmUpRows, texts: candidate.columns.map(\.isText))
        let samples =
            rows.slots.withUnsafeBytes { SHA256Digest.hexadecimal(of: $0) } + rows.text.withUnsafeBytes { SHA256Digest.hexadecimal(of: $0) }
        return PassRecord.Key(
            sha256: candidate.sha256, columns: candidate.columns.map(\.name), texts: candidate.columns.map(\.isText),
            labels: candidate.labels,
            maxRows: candidate.maxRows, samples: samples, runtime: runtime, program: identity)
    }

    /// Names a build of the program by its file: size and time of change.
    private static func identity(of program: String) -> String {
        var facts = stat()
        guard stat(program, &facts) == 0 else { return "" }
        return "\(facts.st_ino) \(facts.st_size) \(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec)"
    }
}
