import Reactor
import RouteFiles

/// Reads the folder of routes on a thread of its own: trying a new model takes seconds, and meanwhile the server goes on following the ledger
/// and its signals.
///
/// Belongs to the thread that follows.
final class BackgroundReader {
    private let reader: RouteReader
    private let directory: String
    private let done: Mailbox<RouteReading>
    private var thread: Thread.Handle?
    /// Whether to read again when this reading is done: something asked in between.
    private var isAskedAgain = false

    init(_ reader: RouteReader, _ directory: String) throws(SystemError) {
        self.reader = reader
        self.directory = directory
        done = try Mailbox()
    }

    /// For a poller: readable when a reading is done.
    var number: Int32 { done.number }

    /// Begins to read; when it is reading, it begins again afterwards.
    func start() {
        guard thread == nil else {
            isAskedAgain = true
            return
        }
        let (reader, directory, done) = (reader, directory, done)
        do throws(SystemError) {
            thread = try Thread.start("weir-reader") { done.post(reader.read(directory)) }
        } catch {
            // A machine without room for a thread: late is better than never.
            done.post(reader.read(directory))
        }
    }

    /// What was read, once for each reading; nil while there is none.
    func take() -> RouteReading? {
        guard let reading = done.take().last else { return nil }
        thread?.join()
        thread = nil
        if isAskedAgain {
            isAskedAgain = false
            start()
        }
        return reading
    }

    /// Gives up what is being read, and waits for it.
    func stop() {
        reader.quarantine?.stop()
        thread?.join()
        thread = nil
    }
}
