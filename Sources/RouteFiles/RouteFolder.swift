/// A folder of routes: one folder for each, with its `route.yaml`.
package enum RouteFolder {
    /// The name of a route's file.
    package static let fileName = "route.yaml"

    /// Reads every route of a folder. Hidden folders, and folders without a `route.yaml`, are no routes.
    ///
    /// - Parameters:
    ///   - directory: the folder of routes; complaints name files from here.
    ///   - digest: computes a model file's SHA-256.
    /// - Returns: the routes without complaints, by name, and all complaints, by file and line. Blocks for as long as the models take
    ///   to be read.
    package static func read(_ directory: String, digest: @escaping FileDigest) -> (routes: [RouteFile], complaints: [Complaint]) {
        var routes: [RouteFile] = []
        var complaints: [Complaint] = []
        do throws(Disk.Failure) {
            let folders = try names(of: directory)
            if folders.count > Limits.routes {
                let message = "holds \(folders.count) routes; at most \(Limits.routes) are read"
                complaints.append(Complaint(file: directory, line: 0, key: "", message: message))
            }
            for folder in folders.prefix(Limits.routes) {
                let result = readRoute(folder, in: directory, digest)
                complaints += result.complaints
                if let route = result.route { routes.append(route) }
            }
        } catch {
            complaints.append(Complaint(file: directory, line: 0, key: "", message: "cannot be read: \(error.reason)"))
        }
        let shared = sharedPaths(routes)
        let refused = Set(shared.map(\.file))
        return (routes.filter { !refused.contains($0.file) }, (complaints + shared).sorted { ($0.file, $0.line) < ($1.file, $1.line) })
    }

    /// Reads one route with its files: the route, or why not.
    private static func readRoute(
        _ name: String, in directory: String, _ digest: @escaping FileDigest
    ) -> (route: RouteFile?, complaints: [Complaint]) {
        let folder = directory + "/" + name
        let file = folder + "/" + fileName
        func complaints(_ remarks: [Remark]) -> [Complaint] {
            remarks.map { Complaint(file: file, line: $0.line, key: $0.key, message: $0.message) }
        }
        let text: String
        switch self.text(of: file) {
        case .success(let content): text = content
        case .failure(let unreadable): return (nil, complaints([unreadable.remark]))
        }
        var decoder = RouteDecoder(text, folderName: name)
        let route = decoder.decode()
        var checker = FileChecker(folder: folder, digest: digest)
        for reference in decoder.references { checker.check(reference) }
        let remarks = decoder.remarks.remarks + checker.remarks.remarks
        guard remarks.isEmpty, var route else { return (nil, complaints(shortened(remarks))) }
        route.file = file
        route.folder = folder
        return (route, [])
    }

    /// The first remarks by line, and how many there are besides.
    private static func shortened(_ remarks: [Remark]) -> [Remark] {
        let sorted = remarks.sorted { $0.line < $1.line }
        guard let last = sorted.last, sorted.count > Limits.complaints else { return sorted }
        let rest = "and \(sorted.count - Limits.complaints) more complaints"
        return sorted.prefix(Limits.complaints) + [Remark(line: last.line, key: "", message: rest)]
    }

    /// The folders that hold a route, sorted by name.
    static func names(of directory: String) throws(Disk.Failure) -> [String] {
        try Disk.names(in: directory, atMost: Limits.folderEntries).filter { Disk.entry("\(directory)/\($0)/\(fileName)") != nil }
    }

    private struct Unreadable: Error {
        let remark: Remark
    }

    /// A route file's text, which must be UTF-8.
    private static func text(of file: String) -> Result<String, Unreadable> {
        func unreadable(_ line: Int, _ message: String) -> Result<String, Unreadable> {
            .failure(Unreadable(remark: Remark(line: line, key: "", message: message)))
        }
        guard Disk.entry(file)?.kind == .file else { return unreadable(0, "is not a file") }
        do throws(Disk.Failure) {
            var bytes = try Disk.bytes(of: file, atMost: Limits.routeFileBytes)[...]
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
            if let text = String(validating: bytes, as: UTF8.self) { return .success(text) }
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            return unreadable(line + 1, "is not UTF-8 text; save the file as UTF-8")
        } catch .tooLarge {
            return unreadable(0, "is larger than \(Quantity.shown(size: UInt64(Limits.routeFileBytes))), the most a route file may have")
        } catch {
            return unreadable(0, "cannot be read: \(error.reason)")
        }
    }

    /// A complaint for each route whose path another route, earlier by name, has already. Names cannot collide: each is its folder's.
    private static func sharedPaths(_ routes: [RouteFile]) -> [Complaint] {
        var owners: [String: RouteFile] = [:]
        return routes.compactMap { route in
            guard let owner = owners[route.path] else {
                owners[route.path] = route
                return nil
            }
            let message = "`\(route.path)` is served by route `\(owner.name)` already (\(owner.file):\(owner.pathLine))"
            return route.complaint(line: route.pathLine, key: "path", message)
        }
    }
}
