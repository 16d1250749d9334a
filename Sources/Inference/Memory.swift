/// Zeroed memory for `count` elements that ends with this value; aligned for vector loads.
struct Memory<Element: BitwiseCopyable>: ~Copyable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// One cache line, which is also the widest vector register.
    private static var alignment: Int { 64 }

    init(_ count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        start = raw.assumingMemoryBound(to: Element.self)
        self.count = count
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }
}
