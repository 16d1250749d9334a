import Glibc

/// Which start of the machine this is: the kernel draws 128 random bits at each one.
///
/// What a dead process stored into a shared mapping is whole for as long as the machine runs, for the kernel keeps the pages. After a power loss a
/// file on disk may hold some pages and lack others. So a file is read only under the boot id that it was written under.
package struct BootID: Hashable, Sendable {
    package let low: UInt64
    package let high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Reads `/proc/sys/kernel/random/boot_id` (random(4)); nil without a /proc, and then no start is the same as another.
    static func current() -> BootID? {
        let number = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(number, &text, text.count)
        guard count > 0 else { return nil }
        return BootID(text: String(decoding: text.prefix(count), as: UTF8.self))
    }

    /// Takes 32 hexadecimal digits, with dashes anywhere.
    init?(text: String) {
        let digits = text.filter(\.isHexDigit)
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
            return nil
        }
        self.init(low: low, high: high)
    }
}
