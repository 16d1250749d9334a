import Foundation
import Logging
import Testing

@testable import weir

@Suite("where log lines go") struct LogFileTests {
    private let folder: String
    private var path: String { folder + "/weir.log" }

    init() throws {
        folder = try Program().folder
    }

    private func write(_ text: String, to log: LogFile) -> Int {
        Array(text.utf8).withUnsafeBytes(log.write)
    }

    private func read(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test("a file is made for its owner and group, and added to") func appends() throws {
        #expect(write("a\n", to: try LogFile(path: path)) == 0)
        #expect(write("b\n", to: try LogFile(path: path)) == 0)
        #expect(read(path) == "a\nb\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & ~0o640 } == 0)
    }

    @Test("a path that cannot be opened is named", arguments: ["missing/weir.log", ""])
    func refused(name: String) throws {
        let error = #expect(throws: Refusal.self) { try LogFile(path: folder + "/" + name) }
        #expect(error?.description.hasPrefix("the log file \(folder)/\(name) cannot be opened: ") == true)
    }

    @Test("a renamed file is left for a new one, not a line is lost") func renamed() throws {
        let log = try LogFile(path: path)
        _ = write("a\n", to: log)
        #expect(log.follow() == 0)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        _ = write("b\n", to: log)
        #expect(log.follow() == 0)
        _ = write("c\n", to: log)
        #expect(read(path + ".1") == "a\nb\n" && read(path) == "c\n")
    }

    @Test("while a path cannot be opened, lines go on where they went") func missing() throws {
        try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
        let log = try LogFile(path: folder + "/logs/weir.log")
        try FileManager.default.moveItem(atPath: folder + "/logs", toPath: folder + "/moved")
        _ = log.follow()
        #expect(write("a\n", to: log) == 0)
        try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
        _ = log.follow()
        _ = write("b\n", to: log)
        #expect(read(folder + "/moved/weir.log") == "a\n" && read(folder + "/logs/weir.log") == "b\n")
    }

    @Test("a truncated file goes on at its new end") func truncated() throws {
        let log = try LogFile(path: path)
        _ = write("aaaa\n", to: log)
        try #require(FileHandle(forWritingAtPath: path)).truncate(atOffset: 0)
        _ = write("b\n", to: log)
        #expect(read(path) == "b\n")
    }

    @Test("a device that is always full loses every line, and says how many") func full() throws {
        let log = try LogFile(path: "/dev/full")
        #expect(write("a\nb\nc\n", to: log) == 3)
        #expect(write("d\n", to: log) == 1)
    }

    @Test("a pipe that nobody reads is refused at the start, loses lines later, and works again with its reader") func brokenPipe() throws {
        signal(SIGPIPE, SIG_IGN)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: Refusal.self) { try LogFile(path: path) }
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        let log = try LogFile(path: path)
        #expect(write("a\n", to: log) == 0)
        close(reader)
        #expect(log.isReady(within: 0), "waiting would not help")
        #expect(write("b\nc\n", to: log) == 2)
        let next = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(next) }
        #expect(write("d\n", to: log) == 0)
    }

    @Test("a pipe that is full is waited for once, takes whole lines, and ends a line that was cut first") func slowPipe() throws {
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try LogFile(path: path)
        // One line longer than a pipe (64 KiB, pipe(7)) with short ones around it.
        let long = String(repeating: "x", count: 100_000)
        let started = ContinuousClock.now
        #expect(write("a\n\(long)\nb\nc\n", to: log) == 2, "the long one is kept, to be ended")
        #expect(!log.isReady(within: 0))
        #expect(write("d\n", to: log) == 1)
        #expect(ContinuousClock.now - started < .seconds(3), "the second write does not wait")
        var text = drain(reader)
        #expect(write("e\nf\n", to: log) == 0)
        text += drain(reader)
        #expect(text.split(separator: "\n").map { $0.count > 1 ? "long \($0.count)" : String($0) } == ["a", "long 100000", "e", "f"])
    }

    private func drain(_ reader: Int32) -> String {
        var (text, bytes) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while case let count = Glibc.read(reader, &bytes, bytes.count), count > 0 { text += bytes[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    @Test("an event is one line with the names of the schema, and its facts under weir. but for those that the schema names") func event() {
        let line = JSONLogHandler.line(
            at: Date(timeIntervalSince1970: 1_795_379_590.042), level: .error, message: "the \"plan\"\nstays", label: "weir",
            facts: ["source": "routes", "routes": .stringConvertible(3), "list": ["a", "b"], "event.action": "plan"])
        #expect(
            line == #"{"@timestamp":"2026-11-22T20:33:10.042Z","log.level":"error","message":"the \"plan\"\u000astays","ecs.version":"8.11.0","#
                + #""service.name":"weir","service.version":"\#(Version.text)","event.kind":"event","event.category":["process"],"#
                + #""event.type":["info"],"event.dataset":"weir.server","log.logger":"weir","event.action":"plan","weir.list":["a","b"],"weir.routes":3,"#
                + #""weir.source":"routes"}"# + "\n")
    }
}
