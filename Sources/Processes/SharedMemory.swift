import CProcess
import Glibc

/// Memory without a name that processes share through a descriptor (memfd_create(2)). Its length never changes, so that no mapping of it can
/// fault. Empty memory takes no pages.
///
/// Unchecked: address and length never change; who writes what, and when, is for the owner to say.
package final class SharedMemory: @unchecked Sendable {
    /// For passing on; close-on-exec. Valid while this object lives.
    package let number: Int32
    /// All of it; valid while this object lives.
    package let bytes: UnsafeMutableRawBufferPointer

    /// New memory, all zeros.
    /// - Parameter name: for people who look into /proc.
    package static func make(_ name: String, byteCount: Int) throws(ProcessError) -> SharedMemory {
        let number = weir_make_memory(name, UInt64(byteCount))
        guard number >= 0 else { throw ProcessError("memfd_create \(name)") }
        return try SharedMemory(adopting: number)
    }

    /// Takes over a descriptor of such memory, or of a file. It is closed when this fails.
    package init(adopting number: Int32) throws(ProcessError) {
        var facts = stat()
        guard fstat(number, &facts) == 0, facts.st_size > 0,
            let base = mmap(nil, Int(facts.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, number, 0), base != MAP_FAILED
        else {
            let error = ProcessError("mapping descriptor \(number)", code: facts.st_size > 0 ? errno : EINVAL)
            close(number)
            throw error
        }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        self.number = number
        bytes = UnsafeMutableRawBufferPointer(start: base, count: Int(facts.st_size))
    }

    deinit {
        munmap(bytes.baseAddress, bytes.count)
        close(number)
    }

    /// Makes all of it zeros, and gives its pages back.
    func empty() throws(ProcessError) {
        guard weir_empty_memory(number, UInt64(bytes.count)) == 0 else { throw ProcessError("fallocate") }
    }
}
