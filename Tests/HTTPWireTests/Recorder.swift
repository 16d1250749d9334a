import HTTPWire

/// A sink that writes down what it was told, one line for each call; neighbouring pieces of a body are joined.
final class Recorder {
    private(set) var lines: [String] = []
    private var body: [UInt8] = []
    var hasRoom = true

    static let sink = WireSink(
        open: { connection, stream in
            let recorder = of(connection)
            recorder.write(stream == 0 ? "open" : "open \(stream)")
            return recorder.hasRoom ? connection : nil
        },
        field: { exchange, name, nameBytes, nameCount, value, valueCount in
            // A name that does not match its bytes would show as a difference in every table.
            let agrees = FieldName.of(nameBytes, nameCount).rawValue == name
            of(exchange).write("\(agrees ? "" : "MISNAMED ")\(text(nameBytes, nameCount))|\(text(value, valueCount))")
        },
        head: { of($0).write($1 ? "head, no body" : "head") },
        body: { of($0).body += UnsafeBufferPointer(start: $1, count: $2) },
        end: { of($0).write("end") },
        closed: { exchange, code in of(exchange).write("closed \(code)") }
    )

    func write(_ line: String) {
        if !body.isEmpty {
            lines.append("body|" + String(decoding: body, as: UTF8.self))
            body = []
        }
        lines.append(line)
    }

    private static func of(_ pointer: UnsafeMutableRawPointer) -> Recorder {
        Unmanaged<Recorder>.fromOpaque(pointer).takeUnretainedValue()
    }

    private static func text(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}

/// A parser with everything around it that it needs.
final class Rig {
    let recorder = Recorder()
    var parser: H1Parser
    private let scratch: UnsafeMutablePointer<H1Scratch>
    private let limits: UnsafeMutablePointer<WireLimits>
    private let sink: UnsafeMutablePointer<WireSink>

    init(_ limits: WireLimits = WireLimits()) {
        scratch = .allocate(capacity: 1)
        scratch.initialize(to: H1Scratch(limits))
        self.limits = .allocate(capacity: 1)
        self.limits.initialize(to: limits)
        sink = .allocate(capacity: 1)
        sink.initialize(to: Recorder.sink)
        parser = H1Parser(scratch: scratch)
    }

    deinit {
        scratch.deinitialize(count: 1)
        scratch.deallocate()
        limits.deallocate()
        sink.deallocate()
    }

    // What a parser says about itself; a macro cannot look into a value that cannot be copied.
    var exchange: WireSink.Exchange? { parser.exchange }
    var keepAlive: Bool { parser.keepAlive }
    var expectsContinue: Bool { parser.expectsContinue }
    var hasPartialHead: Bool { parser.hasPartialHead }
    var isMidBody: Bool { parser.isMidBody }
    func discardBody(_ limit: Int) -> Bool { parser.discardBody(limit) }

    /// One call, from memory of exactly that size so that a sanitizer sees a read past its end.
    func receive(_ bytes: ArraySlice<UInt8>) -> (progress: H1Progress, consumed: Int) {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        defer { memory.deallocate() }
        for (index, byte) in bytes.enumerated() { memory[index] = byte }
        var consumed = -1
        let connection = Unmanaged.passUnretained(recorder).toOpaque()
        let progress = parser.receive(memory, bytes.count, consumed: &consumed, connection: connection, sink: sink, limits: limits)
        return (progress, consumed)
    }

    func receive(_ text: String) -> (progress: H1Progress, consumed: Int) { receive(Array(text.utf8)[...]) }

    /// Feeds one piece and answers every request in it at once. False: refused.
    func feed(_ piece: ArraySlice<UInt8>) -> Bool {
        var rest = piece
        while !rest.isEmpty {
            let (progress, consumed) = receive(rest)
            switch progress {
            case .more:
                if consumed != rest.count { recorder.write("LEFT \(rest.count - consumed) BYTES") }
                return true
            case .requestComplete:
                recorder.write(
                    "complete\(parser.keepAlive ? "" : ", close")\(parser.isVersion10 ? ", 1.0" : "")\(parser.isHead ? ", head" : "")")
                parser.reset()
            case .refused(let fault):
                recorder.write("refused \(fault.status) \(fault.code)")
                return false
            }
            rest = rest.dropFirst(consumed)
        }
        return true
    }
}

/// What a parser makes of bytes that arrive in these pieces: the sink's lines, every request's end, and the state at the end.
func transcript(_ pieces: [ArraySlice<UInt8>], _ limits: WireLimits = WireLimits()) -> [String] {
    let rig = Rig(limits)
    for piece in pieces {
        guard rig.feed(piece) else { return rig.recorder.lines }
    }
    rig.recorder.write("then\(rig.parser.hasPartialHead ? " partial head" : "")\(rig.parser.isMidBody ? " mid body" : "")")
    return rig.recorder.lines
}

func transcript(_ text: String, _ limits: WireLimits = WireLimits()) -> [String] { transcript([Array(text.utf8)[...]], limits) }

/// One byte at a time.
func dripped(_ bytes: [UInt8], _ limits: WireLimits = WireLimits()) -> [String] {
    transcript(bytes.indices.map { bytes[$0...$0] }, limits)
}

/// Two pieces for every place where the bytes can be cut that makes a difference to the one-shot transcript; empty when there is none.
func cutsThatMatter(_ bytes: [UInt8], _ limits: WireLimits = WireLimits()) -> [Int] {
    let whole = transcript([bytes[...]], limits)
    return bytes.indices.filter { transcript([bytes[..<$0], bytes[$0...]], limits) != whole }
}

/// The fault that text is refused with, or nil.
func fault(of text: String, _ limits: WireLimits = WireLimits()) -> WireFault? { fault(of: Array(text.utf8), limits) }

func fault(of bytes: [UInt8], _ limits: WireLimits = WireLimits()) -> WireFault? {
    let rig = Rig(limits)
    var rest = bytes[...]
    while !rest.isEmpty {
        let (progress, consumed) = rig.receive(rest)
        switch progress {
        case .more: return nil
        case .refused(let fault): return fault
        case .requestComplete: rig.parser.reset()
        }
        rest = rest.dropFirst(consumed)
    }
    return nil
}
