import GRDB
import Ledgers
import Logging
import Synchronization
import Testing

@testable import Gateway

/// Keeps the messages of a logger, and their facts.
final class LogCollector: LogHandler, Sendable {
    private let kept = Mutex<[(message: String, facts: [String: String])]>([])

    var messages: [String] { kept.withLock { $0.map(\.message) } }
    var facts: [[String: String]] { kept.withLock { $0.map(\.facts) } }

    func log(event: LogEvent) {
        kept.withLock { $0.append(("\(event.message)", (event.metadata ?? [:]).mapValues { "\($0)" })) }
    }

    // What a handler must have and nobody asks for here.
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}

/// Another program's connection that holds the ledger's write lock until it is released.
final class LockedLedger {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func release() { try? queue.inDatabase { try $0.execute(sql: "ROLLBACK") } }
}

extension TestFolder {
    /// Counters of one start of the server over this folder, in shared memory of the test's own.
    func recorder(nonce: UInt64, writers: Int = 3, logger: Logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }) throws
        -> Recorder
    {
        try StateFolder(path: path + "/state").prepare()
        try makeFolder("memory")
        return try Recorder(try ledger(), nonce: nonce, writers: writers, logger: logger, sharedMemory: path + "/memory")
    }
}
