import Reactor

/// A whole file in memory, for models and samples: read once, aligned for the runtime.
final class FileBytes {
    private let content: UnsafeMutableRawBufferPointer

    /// - Throws: `SystemError` naming the file.
    init(_ path: String) throws(SystemError) {
        content = try FileReading.read(path)
    }

    deinit {
        content.deallocate()
    }

    func withBytes<Answer, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer) throws(Failure) -> Answer {
        try body(UnsafeRawBufferPointer(content))
    }
}
