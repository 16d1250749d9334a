import Foundation

/// Where the files of a checkout are, for the defaults of options.
enum Checkout {
    /// The running program's file.
    static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// The checkout that the running program was built in, else the current folder.
    static var root: String { root(above: executable) ?? FileManager.default.currentDirectoryPath }

    /// The nearest folder above `path` that holds a `Package.swift`; nil when there is none.
    static func root(above path: String) -> String? {
        var folder = URL(fileURLWithPath: path).standardizedFileURL
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) { return folder.path }
        }
        return nil
    }
}
