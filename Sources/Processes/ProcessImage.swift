import Glibc

/// The program that this process runs.
package enum ProcessImage {
    /// A path by which the running program can be started again, also when its file was replaced or removed meanwhile.
    ///
    /// - Parameter path: where it was found at its start; given back as long as it is still the same file, because it reads better in a list
    ///   of processes than the other one.
    package static func running(foundAt path: String) -> String {
        let own = "/proc/self/exe"
        var (there, here) = (stat(), stat())
        guard stat(path, &there) == 0, stat(own, &here) == 0, there.st_dev == here.st_dev, there.st_ino == here.st_ino else { return own }
        return path
    }

    /// Becomes another program, with the same process id, children and working folder, and with every descriptor that is not close-on-exec
    /// (execve(2)). Signals that are blocked stay blocked.
    ///
    /// - Parameter arguments: the first one is the program's name for itself.
    /// - Returns: only when that failed, why.
    package static func replace(by path: String, arguments: [String], environment: [String: String]) -> ProcessError {
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        execve(path, &words, &variables)
        let error = ProcessError("execve \(path)")
        for text in words + variables { free(text) }
        return error
    }
}
