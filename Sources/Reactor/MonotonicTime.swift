import CLinux
public import Primitives

/// The machine's clocks, read through the vDSO (about 20 ns each).
public enum MonotonicTime {
    /// Now on `CLOCK_MONOTONIC`.
    @inline(__always) public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// CPU time of the calling thread.
    package static func threadCPU() -> Nanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Milliseconds since 1970 on the wall clock.
    public static func wallMilliseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) &* 1_000 &+ UInt64(time.tv_nsec) / 1_000_000
    }

    /// Writes the 29 bytes of an HTTP date (RFC 9110 section 5.6.7), `Sun, 06 Nov 1994 08:49:37 GMT`.
    public static func writeHTTPDate(_ milliseconds: UInt64, into buffer: UnsafeMutablePointer<UInt8>) {
        var seconds = time_t(milliseconds / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 30)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        strftime(&text, 30, "\(days[Int(parts.tm_wday)]), %d \(months[Int(parts.tm_mon)]) %Y %H:%M:%S GMT", &parts)
        for index in 0..<29 { buffer[index] = UInt8(bitPattern: text[index]) }
    }
}
