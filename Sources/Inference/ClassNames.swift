/// The names of a classifier's classes, in the order of its scores.
///
/// `names` are shown: the route file's, else metadata `labels` or `classes`, else the graph's own, else "0"... `natives` are what the label
/// output and the maps say for the same classes.
struct ClassNames {
    let names: [String]
    let natives: ClassList

    init(session: Session, roles: OutputRoles, scoreWidth: Int?, chosen: [String]?) throws(InferenceError) {
        func mismatch(_ expected: String, _ found: String) -> InferenceError {
            .mismatch(file: session.file, port: Self.port(session, roles), expected: expected, found: found)
        }
        let metadata = session.card.metadata
        let given = chosen ?? metadata["labels"].flatMap(NameList.parse) ?? metadata["classes"].flatMap(NameList.parse)
        let width = scoreWidth ?? given?.count
        let graph = Self.graphList(session, roles, width)

        guard let names = given ?? graph?.names ?? width.map({ (0..<$0).map(String.init) }) else {
            throw mismatch("names for its classes", "none in the file; list them under 'labels' in the route file")
        }
        guard names.count == scoreWidth ?? names.count else {
            throw mismatch("\(names.count) classes (\(names.prefix(20).joined(separator: ", ")))", "\(scoreWidth ?? 0) scores per row")
        }
        guard 1...Limits.classes ~= names.count else { throw mismatch("at most \(Limits.classes) classes", "\(names.count)") }
        guard Set(names).count == names.count else { throw mismatch("different names for its classes", names.joined(separator: ", ")) }
        if let own = graph?.names, own != names, Set(own) == Set(names) {
            throw mismatch("its classes in the model's order (\(own.joined(separator: ", ")))", names.joined(separator: ", "))
        }
        guard let natives = graph ?? Self.natives(from: given, count: names.count, areTexts: Self.areTexts(session, roles)) else {
            throw mismatch("names for its string classes", "none in the file; list them under 'labels' in the route file")
        }
        self.names = names
        self.natives = natives
    }

    private static func port(_ session: Session, _ roles: OutputRoles) -> String {
        (roles.scores ?? roles.label).map { "output '\(session.outputs[$0].name)'" } ?? "the outputs"
    }

    /// Whether the label output, or else the maps' keys, are texts; nil when the model has neither.
    private static func areTexts(_ session: Session, _ roles: OutputRoles) -> Bool? {
        if let label = roles.label { return session.outputs[label].element == .text }
        if let scores = roles.scores, case .mapPerRow(let key, _) = session.outputs[scores].kind { return key == .text }
        return nil
    }

    /// The graph's one list of the right kind and length; none when it has several that differ.
    private static func graphList(_ session: Session, _ roles: OutputRoles, _ width: Int?) -> ClassList? {
        let areTexts = areTexts(session, roles)
        let fitting = session.classLists.filter { list in
            if let width, list.count != width { return false }
            return areTexts == nil || areTexts == list.areTexts
        }
        return fitting.count == 1 ? fitting.first : nil
    }

    /// Without a list in the graph, the given names are the model's own; integers that are not all named so count from 0.
    private static func natives(from given: [String]?, count: Int, areTexts: Bool?) -> ClassList? {
        if areTexts == true { return given.map(ClassList.texts) }
        let codes = (given ?? []).compactMap { Int64($0) }
        return .codes(codes.count == count ? codes : (0..<Int64(count)).map { $0 })
    }
}

extension ClassList {
    var areTexts: Bool {
        if case .texts = self { true } else { false }
    }

    /// The classes' names for people.
    var names: [String] {
        switch self {
        case .texts(let texts): texts
        case .codes(let codes): codes.map(String.init)
        }
    }
}
