/// Something that a rule found, with the place to look at.
struct Complaint: CustomStringConvertible, Equatable {
    let path: String
    let line: Int
    let text: String

    var description: String { "\(path):\(line): \(text)" }
}

/// A rule about one file: what it finds there.
typealias Rule = @Sendable (SourceFile) -> [Complaint]

/// The bounds of STYLE's "habits". Tables of data may be longer: they are named here, one by one.
enum Bounds {
    /// Lines a file may have.
    static let file = 400
    /// Lines a function may have, from its first to its closing brace.
    static let function = 70
    /// Paths of files that are tables.
    static let longFiles: Set<String> = []
    /// `path:function` of functions that are tables.
    static let longFunctions: Set<String> = []
}

/// Patterns name word boundaries as `^|\W`: Swift's `\b` sees none in `Task.sleep`.
enum Rules {
    static let fileLength: Rule = { file in
        let count = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
        guard count > Bounds.file, !Bounds.longFiles.contains(file.path) else { return [] }
        return [Complaint(path: file.path, line: count, text: "\(count) lines, \(Bounds.file) at most")]
    }

    static let functionLength: Rule = { file in
        FunctionScanner(file.text).functions().compactMap { function in
            guard function.length > Bounds.function, !Bounds.longFunctions.contains("\(file.path):\(function.name)") else { return nil }
            return Complaint(path: file.path, line: function.line, text: "\(function.name) has \(function.length) lines, \(Bounds.function) at most")
        }
    }

    /// What stops the process or the thread: no place in Sources.
    static let calm: Rule = { file in
        file.codeLines(matching: #/[\w)\]]!(?=[\s.,()\[\];:?]|$)/#, say: "try!, as! or ! ends the process when it is wrong: handle the other case")
            + file.codeLines(matching: #/(?:^|\W)fatalError\s*\(/#, say: "fatalError: use precondition for our own faults, an error for all others")
            + file.codeLines(matching: #/(?:^|\W)(?:sleep|usleep|nanosleep|clock_nanosleep)\s*\(/#, say: "sleeping: wait for the event, or set a timer")
    }

    /// Every type and every verb that another target can see says what it is. A stored value or an initializer may let its name speak: a
    /// comment that repeats a name is worse than none.
    static let documented: Rule = { file in
        let lines = file.lines
        return SwiftCode(file.text).lines.enumerated().compactMap { index, code in
            guard code.contains(visibleDeclaration), !code.contains(plainWitness), !isDocumented(index, in: lines) else { return nil }
            return Complaint(path: file.path, line: index + 1, text: "a doc comment is missing: \(code.trimmed)")
        }
    }

    /// Words that mark work left undone.
    static let finished: Rule = { file in
        file.rawLines(matching: unfinishedWord, say: "unfinished work")
    }

    /// Paths that exist on one machine only.
    static let portable: Rule = { file in
        file.rawLines(matching: #/(?:^|[^A-Za-z0-9_.~}])\/(?:work|farm|root|home|Users)\/\w/#, say: "a path of one machine")
    }

    private static func isDocumented(_ index: Int, in lines: [Substring]) -> Bool {
        var above = index - 1
        while above >= 0, lines[above].trimmed.hasPrefix("@") { above -= 1 }
        guard above >= 0 else { return false }
        return lines[above].trimmed.hasPrefix("///") || lines[above].trimmed.hasSuffix("*/")
    }

    nonisolated(unsafe) private static let visibleDeclaration = #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:package|public)\s+(?!import\b|extension\b)/#
    /// Values and initializers, members whose meaning their protocol states, and operators.
    nonisolated(unsafe) private static let plainWitness =
        #/\b(?:let|var) \w|\binit[?(]|\bstatic func [^\w\s]|\bfunc (?:hash|encode)\(/#
    /// Written in halves, so that this file does not find itself.
    nonisolated(unsafe) private static let unfinishedWord = #/(?:^|\W)(?:TO|FIX)(?:DO|ME)(?:\W|$)/#
}

extension SourceFile {
    /// A complaint for each line whose code matches; comments and strings do not count.
    func codeLines(matching pattern: some RegexComponent, say text: String) -> [Complaint] {
        complaints(SwiftCode(self.text).lines.map { $0[...] }, pattern, text)
    }

    /// A complaint for each line that matches, wherever it does.
    func rawLines(matching pattern: some RegexComponent, say text: String) -> [Complaint] {
        complaints(lines, pattern, text)
    }

    private func complaints(_ lines: [Substring], _ pattern: some RegexComponent, _ text: String) -> [Complaint] {
        lines.enumerated().compactMap { index, line in
            line.contains(pattern) ? Complaint(path: path, line: index + 1, text: "\(text): \(line.trimmed)") : nil
        }
    }
}

extension StringProtocol {
    /// Without the spaces around it.
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
