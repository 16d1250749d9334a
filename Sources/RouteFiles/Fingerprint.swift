/// What a folder of routes looks like from outside: it differs when a route's file, model or sample was written, added, removed or
/// replaced. Made from names, sizes, inodes and times of change, without opening a file: cheap enough for a look each second.
///
/// A file that changes within the clock tick of the look (about 4 ms) and keeps its size can go unseen until its next change.
package struct Fingerprint: Sendable, Equatable {
    package let value: UInt64

    /// Looks at the route folders in `directory` and what is in them, ``Limits/folderDepth`` levels deep. A folder that cannot be
    /// read counts as empty.
    package static func of(_ directory: String) -> Fingerprint {
        var hash = FNV1a()
        for name in (try? RouteFolder.names(of: directory)) ?? [] {
            var budget = Limits.folderEntries
            fold(directory + "/" + name, depth: 1, &budget, into: &hash)
        }
        return Fingerprint(value: hash.value)
    }

    /// The budget bounds folders that link to themselves many times.
    private static func fold(_ folder: String, depth: Int, _ budget: inout Int, into hash: inout FNV1a) {
        for name in (try? Disk.names(in: folder, atMost: budget)) ?? [] where name != "__pycache__" && budget > 0 {
            budget -= 1
            let path = folder + "/" + name
            guard let entry = Disk.entry(path) else { continue }
            if entry.kind == .folder {
                if depth < Limits.folderDepth { fold(path, depth: depth + 1, &budget, into: &hash) }
                continue
            }
            hash.combine(path.utf8)
            hash.combine(UInt64(entry.size))
            hash.combine(entry.inode)
            hash.combine(UInt64(bitPattern: entry.changed))
        }
    }
}

/// The 64-bit FNV-1a hash (Fowler, Noll and Vo; isthe.com/chongo/tech/comp/fnv): short, and enough against chance.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // Ends the text, so that what follows cannot continue it.
        value = value &* 0x100_0000_01B3
    }

    mutating func combine(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            value = (value ^ (number >> UInt64(shift) & 0xFF)) &* 0x100_0000_01B3
        }
    }
}
