import Glibc

extension RecorderFolder {
    /// What dead workers left, one image for each (worker start, reactor).
    ///
    /// The reactor's own file is chosen when it was written since the machine's last start: it holds every store that was made, up to the last
    /// instruction. After a power loss it is gone (shared memory) or may lack pages (state folder), and the newer complete checkpoint is
    /// chosen. A file that is not what its name says, or has another layout, goes to the archive and is reported, never misread; one whose
    /// owner died before it was complete is removed.
    ///
    /// - Parameter nonce: the worker start that lives: the caller's own.
    package func deadFiles(except nonce: UInt64) throws(RecordingError) -> DeadFiles {
        let folders = [memory, state].compactMap(\.self)
        var names: Set<RecorderName> = []
        for folder in folders { names.formUnion(try folder.names().compactMap(RecorderName.init)) }
        let dead = names.filter { $0.nonce != nonce }.sorted { ($0.nonce, $0.reactor) < ($1.nonce, $1.reactor) }
        var remarks: [RecordingRemark] = []
        var images: [RecorderImage] = []
        var living: Set<UInt64> = []
        var bytes = 0
        for (index, name) in dead.enumerated() {
            if bytes >= Limits.deadBytes {
                return DeadFiles(images: images, remarks: remarks, living: living, waiting: dead.count - index)
            }
            guard let chosen = choose(name, in: folders, remarks: &remarks, living: &living) else { continue }
            do {
                images.append(try RecorderImage(chosen.file, head: chosen.head))
                bytes += chosen.head.bytesInUse
            } catch {
                remarks.append(.left(path: chosen.file.path, reason: "\(error)"))
            }
        }
        return DeadFiles(images: images, remarks: remarks, living: living, waiting: 0)
    }

    /// A file whose head is in order.
    private struct Candidate {
        let head: RecorderHead
        let file: OpenFile
    }

    /// What one name turned out to be.
    private enum Sight {
        case nothing
        case living
        case dead(Candidate)
    }

    /// The one to count of a dead reactor's files, or nil when there is none.
    private func choose(
        _ name: RecorderName, in folders: [Folder], remarks: inout [RecordingRemark], living: inout Set<UInt64>
    ) -> Candidate? {
        var own: Candidate?
        var outdated: Folder?
        for folder in folders {
            switch look(at: name.fileName, in: folder, name: name, remarks: &remarks) {
            case .living:
                living.insert(name.nonce)
                return nil
            case .nothing: break
            case .dead(let found) where found.head.boot == boot && found.head.checkpoint == 0: own = own ?? found
            case .dead: outdated = folder
            }
        }
        if let own { return own }
        var checkpoints: [Candidate] = []
        for copy in name.checkpointNames {
            if case .dead(let found) = look(at: copy, in: state, name: name, remarks: &remarks) { checkpoints.append(found) }
        }
        if checkpoints.isEmpty, let outdated {
            let reason = "the machine stopped before its first checkpoint, so pages may be missing"
            remarks.append(Archive(recorder: state).take(name.fileName, from: outdated, reason: reason))
        }
        return checkpoints.max { $0.head.checkpoint < $1.head.checkpoint }
    }

    /// Opens one file and checks its head; sets right what cannot be counted.
    private func look(at file: String, in folder: Folder, name: RecorderName, remarks: inout [RecordingRemark]) -> Sight {
        let path = folder.path(of: file)
        do {
            guard let opened = try folder.find(file) else { return .nothing }
            guard try opened.lock() else {
                remarks.append(.living(path: path))
                return .living
            }
            return .dead(Candidate(head: try RecorderHead(reading: opened, name: name, layoutVersion: layoutVersion, ledger: ledger), file: opened))
        } catch HeadFault.blank {
            // Nothing was ever counted in it. If it stays, the next start meets it again.
            try? folder.remove(file)
        } catch let fault as HeadFault {
            remarks.append(Archive(recorder: state).take(file, from: folder, reason: fault.reason))
        } catch {
            remarks.append(.left(path: path, reason: "\(error)"))
        }
        return .nothing
    }
}

extension RecorderHead {
    /// Reads the head of an open file.
    ///
    /// - Throws: `HeadFault` or `RecordingError`.
    init(reading file: OpenFile, name: RecorderName, layoutVersion: UInt64, ledger: UInt64) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RecorderHead.byteCount, alignment: 8)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer, at: 0)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.prefix(count)).bytes
        try self.init(bytes, fileBytes: try file.size(), name: name, layoutVersion: layoutVersion, ledger: ledger)
    }
}
