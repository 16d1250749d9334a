import Glibc

/// The counters of every worker start of a state folder, the dead and the living, as they are at this moment.
///
/// Only looks: nothing is made, locked, moved or removed, so it may run beside a server, in the same process or another. Of each reactor the
/// file is chosen as ``RecorderFolder/deadFiles(except:)`` does: its own when it was written since the machine's last start, else the newer
/// complete checkpoint.
///
/// A living reactor goes on counting while its file is read: each number is exact, two of them may be some requests apart. A block that
/// changes hands meanwhile may show old numbers; the ledger has folded it by then, and names it to whoever asks *after* this.
package struct RecorderImages: Sendable {
    /// One image for each worker start and reactor, in the order of their names.
    package private(set) var images: [RecorderImage] = []
    /// What could not be read, in words for a person.
    package private(set) var complaints: [String] = []
    /// Images of files in the state folder that are written to directly, for want of shared memory.
    package private(set) var outsideMemory = 0

    /// Reads the files; there are none where no server has run yet.
    ///
    /// - Parameters:
    ///   - path: the state folder, which exists.
    ///   - layoutVersion: version of the blocks' layout that this program reads.
    ///   - ledger: identity of the ledger that the counters must belong to.
    ///   - skim: which blocks are read; nil for all. Of 50 variants on two reactors a tenth is 2.7 MB in place of 27.
    /// - Throws: `unsafeFolder` for a folder of files that others may write, and what the system says when it cannot be listed.
    package static func read(
        statePath path: String, layoutVersion: UInt64, ledger: UInt64, skim: BlockSkim? = nil, sharedMemory: String = "/dev/shm"
    ) throws(RecordingError) -> RecorderImages {
        try read(
            statePath: path, layoutVersion: layoutVersion, ledger: ledger, skim: skim, sharedMemory: sharedMemory, boot: BootID.current())
    }

    static func read(
        statePath path: String, layoutVersion: UInt64, ledger: UInt64, skim: BlockSkim? = nil, sharedMemory: String, boot: BootID?
    ) throws(RecordingError) -> RecorderImages {
        let realPath = try RecorderFolder.realPath(path)
        let state = try Folder.find(realPath + "/recorder")
        var found = RecorderImages()
        var memory: Folder?
        do {
            memory = try Folder.find(RecorderFolder.memoryPath(of: realPath, in: sharedMemory))
        } catch {
            // A server does not use such a folder either.
            found.complaints.append("\(error)")
        }
        var names: Set<RecorderName> = []
        for folder in [memory, state].compactMap(\.self) { names.formUnion(try folder.names().compactMap(RecorderName.init)) }
        let search = Search(layoutVersion: layoutVersion, ledger: ledger, skim: skim, memory: memory, state: state, boot: boot)
        var bytes = 0
        for name in names.sorted(by: { ($0.nonce, $0.reactor) < ($1.nonce, $1.reactor) }) {
            guard bytes < Limits.deadBytes else {
                found.complaints.append("more than \(Limits.deadBytes) bytes of counters wait for the next start of the server; the rest is left out")
                break
            }
            guard let (image, isOutside) = search.image(of: name, complaints: &found.complaints) else { continue }
            found.images.append(image)
            if isOutside { found.outsideMemory += 1 }
            bytes += image.head.bytesInUse
        }
        return found
    }
}

/// Looks for the file to read.
private struct Search {
    let layoutVersion: UInt64
    let ledger: UInt64
    let skim: BlockSkim?
    let memory: Folder?
    let state: Folder?
    let boot: BootID?

    /// The reactor's counters, and whether they lie outside of shared memory; nil when there are none.
    func image(of name: RecorderName, complaints: inout [String]) -> (RecorderImage, isOutside: Bool)? {
        for folder in [memory, state].compactMap(\.self) {
            guard let (file, head) = open(name.fileName, in: folder, name, &complaints), head.boot == boot, head.checkpoint == 0 else { continue }
            if let image = read(file, head, &complaints) { return (image, isOutside: folder !== memory) }
        }
        guard let state else { return nil }
        let checkpoints = name.checkpointNames.compactMap { open($0, in: state, name, &complaints) }
        guard let (file, head) = checkpoints.max(by: { $0.1.checkpoint < $1.1.checkpoint }) else { return nil }
        return read(file, head, &complaints).map { ($0, isOutside: false) }
    }

    private func read(_ file: OpenFile, _ head: RecorderHead, _ complaints: inout [String]) -> RecorderImage? {
        do {
            if let skim { return try RecorderImage(file, head: head, skim) }
            return try RecorderImage(file, head: head)
        } catch {
            complaints.append("\(error)")
            return nil
        }
    }

    /// Opens a file and checks its head. One that is gone, or not begun yet, is no complaint: a server has folded it, or just starts.
    private func open(_ file: String, in folder: Folder, _ name: RecorderName, _ complaints: inout [String]) -> (OpenFile, RecorderHead)? {
        do {
            guard let opened = try folder.find(file) else { return nil }
            return (opened, try RecorderHead(reading: opened, name: name, layoutVersion: layoutVersion, ledger: ledger))
        } catch HeadFault.blank {
            return nil
        } catch let fault as HeadFault {
            complaints.append("\(folder.path(of: file)): \(fault.reason)")
        } catch {
            complaints.append("\(error)")
        }
        return nil
    }
}
