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
    /// Whether to read again when this reading is done, because something asked in between; and what was held then.
    private var askedAgain: Set<BreakerBoard.Key>?

    init(_ reader: RouteReader, _ directory: String) throws(SystemError) {
        self.reader = reader
        self.directory = directory
        done = try Mailbox()
    }

    /// For a poller: readable when a reading is done.
    var number: Int32 { done.number }

    /// Begins to read; when it is reading, it begins again afterwards.
    ///
    /// - Parameter held: variants that are kept out of traffic, and not tried.
    func start(held: Set<BreakerBoard.Key> = []) {
        guard thread == nil else {
            askedAgain = held
            return
        }
        let (reader, directory, done) = (reader, directory, done)
        do throws(SystemError) {
            thread = try Thread.start("weir-reader") { done.post(reader.read(directory, held: held)) }
        } catch {
            // A machine without room for a thread: late is better than never.
            done.post(reader.read(directory, held: held))
        }
    }

    /// What was read, once for each reading; nil while there is none.
    func take() -> RouteReading? {
        guard let reading = done.take().last else { return nil }
        thread?.join()
        thread = nil
        if let held = askedAgain {
            askedAgain = nil
            start(held: held)
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
