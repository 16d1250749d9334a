import Foundation
package import Ledgers
import Primitives
import Reactor

/// What a running server says of its routes, for commands on the same machine: a small file in the state folder, replaced as a whole.
///
/// Breakers live in the server's memory, and a command has no other way to see them without a token. The file says whose it is and when it was
/// written; a server that is gone, or has not written for a while, says nothing any more.
package struct ServingFile: Codable, Sendable {
    /// The process that wrote it.
    package var process: Int32
    /// When, in milliseconds since 1970.
    package var written: Int64
    package var routes: [RouteServing]

    /// What the server that runs on this state folder says; nil when none runs.
    package static func read(_ folder: StateFolder, now: Timestamp) -> ServingFile? {
        guard let bytes = FileManager.default.contents(atPath: folder.servingPath),
            let file = try? JSONDecoder().decode(ServingFile.self, from: bytes),
            abs(now.milliseconds - file.written) <= GatewayLimits.servingAge, kill(file.process, 0) == 0 || errno == EPERM
        else { return nil }
        return file
    }

    /// What it says of a route; nil when that is not served, or one of very many.
    package func route(named name: String) -> RouteServing? { routes.first { $0.route == name } }
}

extension RouteServing {
    /// Whether nothing has changed but the moment.
    fileprivate func saysTheSame(as other: RouteServing) -> Bool {
        route == other.route && variants == other.variants && labels == other.labels && shadows == other.shadows
    }
}

/// Keeps the serving file true. Used by the thread that watches.
struct ServingWriter {
    private let folder: StateFolder
    private var written: [RouteServing] = []
    private var writtenAt: Instant?
    private var nextLook = Instant(nanoseconds: 0)
    private var trouble = Trouble()

    init(_ folder: StateFolder) {
        self.folder = folder
    }

    /// Writes what has changed, once a second at most, and at any rate often enough to be believed.
    ///
    /// - Returns: what to tell the log of a disk that does not take it; nil as a rule.
    mutating func write(_ view: ServerView, now: Instant) -> String? {
        guard now >= nextLook else { return nil }
        let routes = view.serving(variantsAtMost: GatewayLimits.servingVariants)
        let isDue = writtenAt.map { now.since($0) >= GatewayLimits.servingRenewal } ?? true
        defer { nextLook = now.advanced(by: max(.seconds(1), GatewayLimits.servingShare * MonotonicTime.now().since(now))) }
        guard isDue || !routes.elementsEqual(written, by: { $0.saysTheSame(as: $1) }) else { return nil }
        do {
            let file = ServingFile(process: getpid(), written: Timestamp.now.milliseconds, routes: routes)
            try folder.write(String(decoding: try JSONEncoder().encode(file), as: UTF8.self), to: folder.servingPath)
            (written, writtenAt) = (routes, now)
            _ = trouble.succeeded(now: now)
            return nil
        } catch {
            return trouble.failed("\(error)", now: now) ? "\(error)" : nil
        }
    }
}
