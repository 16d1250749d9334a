import CLinux

/// Bytes from one process to another: pipe(7). The descriptors are plain numbers, because they are given away.
package enum Pipe {
    /// Makes a pipe whose ends are closed on exec. Reading from it does not wait.
    package static func open() throws(SystemError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError("pipe2") }
        _ = weir_set_nonblocking(ends[0])
        return (ends[0], ends[1])
    }

    /// Makes a pipe that one process wakes another through: neither end waits. Each end has flags of its own, so that no other process can make
    /// this one's wait.
    package static func openForSignals() throws(SystemError) -> (reading: Int32, writing: Int32) {
        let ends = try open()
        _ = weir_set_nonblocking(ends.writing)
        return ends
    }

    /// Wakes who reads. A full pipe says it already.
    package static func signal(_ number: Int32) {
        var byte: UInt8 = 0
        while write(number, &byte, 1) < 0, weir_errno() == EINTR {}
    }

    /// Hears what was signalled, some of it. False when nobody writes any more.
    @discardableResult
    package static func hear(_ number: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            while true {
                let count = read(number, buffer.baseAddress, buffer.count)
                if count >= 0 { return count > 0 }
                if weir_errno() != EINTR { return true }
            }
        }
    }

    /// Writes a text of at most 64 KiB, what an empty pipe takes without waiting. False when nobody reads any more.
    @discardableResult
    package static func send(_ text: String, to number: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            if count < 0, weir_errno() == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Takes what is there. `isOver` when nobody writes any more.
    package static func take(from number: Int32) -> (bytes: [UInt8], isOver: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(number, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 {
                return (bytes, true)
            } else if weir_errno() != EINTR {
                return (bytes, false)
            }
        }
    }

    /// Whether a descriptor goes away when this process becomes another program (execve(2)).
    package static func closeOnExec(_ number: Int32, _ isOn: Bool = true) {
        _ = weir_set_close_on_exec(number, isOn)
    }
}
