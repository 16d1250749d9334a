import Glibc

/// From what a model answers as label to the class's index: integers or texts, the likely class first.
struct ClassDecoder: ~Copyable {
    let count: Int
    /// Bytes of the longest text.
    let longest: Int
    private let codes: Memory<Int64>
    /// The texts one after another, and where each begins (and the last ends).
    private let bytes: Memory<UInt8>
    private let offsets: Memory<Int>

    init(_ natives: ClassList) {
        count = natives.count
        switch natives {
        case .codes(let list):
            codes = Memory(list.count)
            for (index, code) in list.enumerated() { codes.start[index] = code }
            bytes = Memory(0)
            offsets = Memory(0)
            longest = 0
        case .texts(let list):
            codes = Memory(0)
            bytes = Memory(list.reduce(0) { $0 + $1.utf8.count })
            offsets = Memory(list.count + 1)
            for (index, text) in list.enumerated() {
                for (place, byte) in text.utf8.enumerated() { bytes.start[offsets.start[index] + place] = byte }
                offsets.start[index + 1] = offsets.start[index] + text.utf8.count
            }
            longest = list.map(\.utf8.count).max() ?? 0
        }
    }

    /// The class of a code, `likely` tried first; -1 for an unknown one.
    func index(of code: Int64, likely: Int) -> Int32 {
        if codes.start[likely] == code { return Int32(truncatingIfNeeded: likely) }
        for index in 0..<count where codes.start[index] == code { return Int32(truncatingIfNeeded: index) }
        return -1
    }

    /// The class of a text, `likely` tried first; -1 for an unknown one.
    func index(of text: UnsafePointer<UInt8>, _ length: Int, likely: Int) -> Int32 {
        if equals(likely, text, length) { return Int32(truncatingIfNeeded: likely) }
        for index in 0..<count where equals(index, text, length) { return Int32(truncatingIfNeeded: index) }
        return -1
    }

    private func equals(_ index: Int, _ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let start = offsets.start[index]
        return offsets.start[index + 1] - start == length && memcmp(bytes.start + start, text, length) == 0
    }
}
