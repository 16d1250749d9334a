import Glibc
import Processes
import Testing

/// Programs that every system has, started and watched.
@Suite("children")
struct ChildTests {
    /// Runs a line of shell and returns what it printed, with its end.
    private func shell(
        _ line: String, environment: [String: String]? = nil, passing: [Child.Passing] = [], limits: ChildLimits = ChildLimits(),
        blocked: [Int32] = []
    ) throws -> (text: String, end: ChildEnd) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let child = try Child.spawn(
            executable: "/bin/sh", arguments: ["-c", line], environment: environment, passing: passing + [(ends[1], 1)], limits: limits,
            blocked: blocked)
        close(ends[1])
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(ends[0], &piece, piece.count), count > 0 { bytes += piece.prefix(count) }
        return (String(decoding: bytes, as: UTF8.self), try child.wait())
    }

    @Test(
        "ends are told apart",
        arguments: [
            ("exit 0", ChildEnd.exited(0)), ("exit 77", .exited(77)), ("kill -TERM $$", .signalled(SIGTERM)),
            ("kill -SEGV $$", .signalled(SIGSEGV)),
        ])
    func ends(line: String, end: ChildEnd) throws {
        #expect(try shell(line).end == end)
    }

    @Test("an end can be asked for again, and by polling")
    func endTwice() throws {
        let child = try Child.spawn(executable: "/bin/true", arguments: [])
        #expect(try child.wait() == .exited(0))
        #expect(try child.wait() == .exited(0))
        #expect(try child.poll() == .exited(0))
    }

    @Test("a child that runs on has no end yet, and ends by a signal")
    func running() throws {
        let child = try Child.spawn(executable: "/bin/sleep", arguments: ["600"])
        #expect(try child.poll() == nil)
        #expect(try child.wait(atMost: 1) == nil)
        child.signal(SIGKILL)
        #expect(try child.wait(atMost: 10_000) == .signalled(SIGKILL))
        child.signal(SIGKILL)
    }

    @Test("a running child can be adopted by its number")
    func adopted() throws {
        let child = try Child.spawn(executable: "/bin/sleep", arguments: ["600"])
        let same = try Child(adopting: child.pid)
        same.signal(SIGTERM)
        #expect(try same.wait() == .signalled(SIGTERM))
    }

    @Test("a program that is not there is an error that names it")
    func missing() {
        #expect(throws: ProcessError("posix_spawn /nowhere/weir", code: ENOENT)) {
            _ = try Child.spawn(executable: "/nowhere/weir", arguments: [])
        }
    }

    @Test("arguments and environment arrive as they are, and nothing else does")
    func environment() throws {
        let found = try shell("echo \"$WEIR_A|$HOME|$0\"", environment: ["WEIR_A": "a b=c"])
        #expect(found.text == "a b=c||/bin/sh\n")
    }

    @Test("a child has the descriptors it was given, and no others")
    func descriptors() throws {
        let path = "/proc/self/status"
        // Not close-on-exec: an ordinary descriptor of a careless library.
        let stray = open(path, O_RDONLY)
        defer { close(stray) }
        // Without a pipeline: of that the shell would have descriptors of its own for a moment.
        let found = try shell("ls -v /proc/$$/fd; readlink /proc/$$/fd/0", passing: [(stray, 7)])
        #expect(found.text == "0\n1\n2\n7\n/dev/null\n")
    }

    @Test("descriptors may change places")
    func swapped() throws {
        let (null, zero) = (open("/dev/null", O_RDONLY | O_CLOEXEC), open("/dev/zero", O_RDONLY | O_CLOEXEC))
        defer { for number in [null, zero] { close(number) } }
        let found = try shell("readlink /proc/$$/fd/\(null) /proc/$$/fd/\(zero)", passing: [(null, zero), (zero, null)])
        #expect(found.text == "/dev/zero\n/dev/null\n")
    }

    @Test(
        "a closed descriptor cannot be passed, and neither can one under a wrong number",
        arguments: [(Int32(9_999), Int32(5)), (0, 256), (0, -1)])
    func wrongDescriptor(from: Int32, as number: Int32) {
        #expect(throws: ProcessError("posix_spawn /bin/true", code: EBADF)) {
            _ = try Child.spawn(executable: "/bin/true", arguments: [], passing: [(from, number)])
        }
    }

    @Test("signals begin free, except those that were named")
    func signals() throws {
        let words = try shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n'", blocked: [SIGTERM, SIGHUP]).text
        // 32 and 33 are the C library's own: posix_spawn ignores them in the child.
        #expect(words == "SigBlk:\t0000000000004001SigIgn:\t0000000180000000")
    }

    @Test("limits hold")
    func limits() throws {
        // Read before the limits are set: they come right after the start.
        let limits = ChildLimits(addressSpace: 1 << 30, cpuSeconds: 7, fileBytes: 4_096, coreBytes: 0, descriptors: 20)
        let line = "head -c 1 >/dev/null; cat /proc/self/limits"
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (start, go) = (ends[0], ends[1])
        defer { for number in [start, go] { close(number) } }
        var output: [Int32] = [0, 0]
        try #require(pipe(&output) == 0)
        defer { close(output[0]) }
        let child = try Child.spawn(executable: "/bin/sh", arguments: ["-c", line], passing: [(start, 0), (output[1], 1)], limits: limits)
        close(output[1])
        #expect(write(go, "x", 1) == 1)
        var text = [UInt8](repeating: 0, count: 8_192)
        var count = 0
        while case let more = read(output[0], &text[count], text.count - count), more > 0 { count += more }
        #expect(try child.wait() == .exited(0))
        let lines = String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n")
        func limit(_ name: String) -> [Substring] { lines.first { $0.hasPrefix(name) }?.dropFirst(name.count).split(separator: " ") ?? [] }
        #expect(limit("Max address space").prefix(2) == ["1073741824", "1073741824"])
        #expect(limit("Max cpu time").prefix(2) == ["7", "8"])
        #expect(limit("Max file size").prefix(2) == ["4096", "4096"])
        #expect(limit("Max core file size").prefix(2) == ["0", "0"])
        #expect(limit("Max open files").prefix(2) == ["20", "20"])
    }

    @Test("a child past its CPU time is ended by a signal that says so")
    func cpu() throws {
        let end = try shell("while :; do :; done", limits: ChildLimits(cpuSeconds: 1)).end
        #expect(end == .signalled(SIGXCPU))
        #expect("\(end)" == "SIGXCPU")
    }

    @Test("a process whose parent is another one learns that its parent is gone")
    func parentGone() async {
        await #expect(processExitsWith: .exitCode(5)) {
            do throws(ProcessError) { try ProcessSelf.dieWithParent(parent: 1_999_999_999) } catch { exit(error.code == ESRCH ? 5 : 6) }
        }
    }

    @Test("a process knows how much address space it uses")
    func addressSpace() throws {
        let before = try ProcessSelf.addressSpace()
        let bytes = 64 << 20
        let memory = try #require(mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, bytes) }
        #expect(try ProcessSelf.addressSpace() >= before + UInt64(bytes) / 2)
    }
}
