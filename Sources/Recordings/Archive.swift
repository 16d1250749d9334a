import Glibc

/// `recorder/archive` in the state folder: what could not be read, for a person to look at. It is made when first needed.
struct Archive {
    let recorder: Folder

    /// Moves a file here and says so; says why when it cannot.
    func take(_ name: String, from folder: Folder, reason: String) -> RecordingRemark {
        let path = folder.path(of: name)
        do {
            let archive = try Folder(making: recorder.path(of: "archive"))
            try prune(archive)
            let newName = freeName(name, in: archive)
            if folder === recorder {
                try folder.move(name, to: archive, as: newName)
            } else {
                // Shared memory is another file system.
                try copy(name, from: folder, to: archive, as: newName)
                try folder.remove(name)
            }
            return .archived(path: path, to: archive.path(of: newName), reason: reason)
        } catch {
            return .left(path: path, reason: "\(reason); it could not be archived: \(error)")
        }
    }

    /// The name, with a number behind it when it is taken.
    private func freeName(_ name: String, in archive: Folder) -> String {
        guard archive.contains(name) else { return name }
        // One of more names than there are files is free.
        return (2...Limits.archivedFiles + 2).lazy.map { "\(name).\($0)" }.first { !archive.contains($0) } ?? name
    }

    /// Makes room for one more file.
    private func prune(_ archive: Folder) throws(RecordingError) {
        let names = try archive.names()
        guard names.count >= Limits.archivedFiles else { return }
        let oldestFirst = names.map { (time: archive.changeTime(of: $0), name: $0) }.sorted { $0 < $1 }
        for (_, name) in oldestFirst.prefix(names.count - Limits.archivedFiles + 1) { try archive.remove(name) }
    }

    private func copy(_ name: String, from folder: Folder, to archive: Folder, as newName: String) throws(RecordingError) {
        guard let source = try folder.find(name) else { return }
        let target = try archive.create(newName)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.copyBytes, alignment: 16)
        defer { buffer.deallocate() }
        do {
            var position = 0
            while true {
                let count = try source.read(into: buffer, at: position)
                guard count > 0 else { return }
                try target.write(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)).bytes, at: position)
                position += count
            }
        } catch {
            try archive.remove(newName)
            throw error
        }
    }
}
