/// One thing that is wrong with a route's file, for the person who wrote it.
package struct Complaint: Sendable, Hashable, CustomStringConvertible {
    /// The file, as reached from the folder that was read.
    package let file: String
    /// Line in the file, from 1; 0 when no line is to blame.
    package let line: Int
    /// Dotted path of the key (`variants.champion.weight`, `input[2].min`); empty when the file as a whole is meant.
    package let key: String
    /// What is wrong, and what would be right.
    package let message: String

    package init(file: String, line: Int, key: String, message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
    }

    /// `file:line: key: message`, the form that editors and terminals make into a link.
    package var description: String {
        file + (line > 0 ? ":\(line)" : "") + ": " + (key.isEmpty ? "" : key + ": ") + message
    }
}

/// A complaint before its file is known.
struct Remark: Equatable {
    let line: Int
    let key: String
    let message: String
}
