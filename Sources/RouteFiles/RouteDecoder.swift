import Primitives
import Yams

/// Reads one route file's text: decode, default, validate, and go on after each complaint. Touches no file.
struct RouteDecoder {
    /// Name of the folder that holds the file.
    let folderName: String
    let document: YAMLDocument
    var remarks = RemarkList()
    /// Files that the route names, also when the route has complaints: they are checked all the same.
    var references: [FileReference] = []

    init(_ text: String, folderName: String) {
        self.folderName = folderName
        document = YAMLDocument(text)
    }

    /// The route, as far as it could be read: meaningful only when there are no remarks. `file` and `folder` are left empty.
    mutating func decode() -> RouteFile? {
        guard document.remarks.isEmpty else {
            for remark in document.remarks { remarks.add(remark.line, remark.key, remark.message) }
            return nil
        }
        guard let root = document.root, case .mapping = root else {
            remarks.add(1, "", "holds no keys; a route needs `route`, `input` and `variants`")
            return nil
        }
        guard let keys = mapping(Entry(key: "", line: 1, node: root), known: RouteKeys.route, later: RouteKeys.later) else { return nil }
        for key in ["route", "input", "variants"] where keys[key] == nil {
            remarks.add(1, key, "is missing; a route needs it")
        }
        missing(keys["missing"])
        let name = self.name(keys["route"])
        let path = self.path(keys["path"], keys["route"], name)
        let unit = keys["unit"].map { self.unit($0) }
        let salt = keys["salt"].flatMap { self.salt($0) }
        let deadline = keys["deadline"].flatMap { duration($0, in: Limits.deadline) }
        let rows = keys["rows"].flatMap { remarks.count($0, in: Limits.rows) }
        let body = keys["body"].flatMap { size($0, in: Limits.bodyBytes) }
        let extra: ExtraFields? = keys["extra"].flatMap { remarks.choice($0) }
        let labels = keys["labels"].flatMap { remarks.texts($0, of: "class names", atMost: Limits.labels) }
        let input = keys["input"].flatMap { self.input($0) }
        let sample = keys["sample"].flatMap { self.sample($0) }
        let variants = keys["variants"].flatMap { self.variants($0) }
        let shadows = keys["shadows"].flatMap { self.shadows($0, beside: variants ?? []) }
        let outcomes = keys["outcomes"].flatMap { self.outcomes($0) }
        let logPercent = keys["log"].flatMap { self.logPercent($0) }
        let slow = keys["slow"].flatMap { self.slow($0, deadline: deadline ?? Defaults.deadline) }
        var route = RouteFile(
            file: "", folder: "", name: name, path: path,
            pathLine: keys["path"]?.line ?? keys["route"]?.line ?? 1, unit: unit ?? .prediction, salt: salt ?? name,
            deadline: deadline ?? Defaults.deadline, sample: sample, maximumRows: rows ?? Defaults.rows,
            maximumBodyBytes: body ?? Defaults.bodyBytes, extraFields: extra ?? .refuse, labels: labels ?? [],
            labelsLine: keys["labels"]?.line ?? 1, input: input ?? [], inputLine: keys["input"]?.line ?? 1, variants: variants ?? [],
            shadows: shadows ?? [], outcomes: outcomes ?? [], logPercent: logPercent ?? Defaults.logPercent,
            slow: slow ?? Defaults.slow(deadline: deadline ?? Defaults.deadline))
        readProtection(keys, into: &route)
        return route
    }

    /// A mapping's values by key. Unknown keys get a remark with the nearest known one.
    mutating func mapping(_ entry: Entry, known: [String], later: [String] = []) -> [String: Entry]? {
        guard let entries = self.entries(entry) else { return nil }
        for (name, value) in entries where !known.contains(name) {
            if later.contains(name) {
                remarks.add(value.line, value.key, "not served by this version")
            } else {
                let hint = Spelling.nearest(to: name, in: known + later).map { "; did you mean `\($0)`?" }
                let message = "unknown key `\(Spelling.shown(name))`" + (hint ?? "; known are \(Spelling.choices(known, joined: "and"))")
                remarks.add(value.line, value.key, message)
            }
        }
        return Dictionary(uniqueKeysWithValues: entries)
    }

    /// A mapping's keys and values in the order of the file, each key once.
    mutating func entries(_ entry: Entry) -> [(String, Entry)]? {
        guard case .mapping(let pairs) = entry.node else {
            remarks.add(entry, "expected keys with values, found \(entry.found)")
            return nil
        }
        let prefix = entry.key.isEmpty ? "" : entry.key + "."
        var entries: [(String, Entry)] = []
        var earlier: [String: [Int]] = [:]
        var seen: Set<String> = []
        for (key, value) in pairs {
            let line = key.mark?.line ?? entry.line
            guard case .scalar(let scalar) = key else {
                remarks.add(line, entry.key, "a key must be a word, not a list or mapping")
                continue
            }
            if let doubled = document.doubledKey(scalar.string) {
                earlier[doubled.name, default: []].append(doubled.line)
                continue
            }
            let path = prefix + Spelling.shown(scalar.string)
            if let lines = earlier[scalar.string] {
                let places = lines.map(String.init).joined(separator: ", ")
                remarks.add(line, path, "stands more than once (also on line \(places)); keep one")
            }
            // Yams tells `1` from `"1"`, we do not.
            guard seen.insert(scalar.string).inserted else {
                if earlier[scalar.string] == nil { remarks.add(line, path, "stands more than once; keep one") }
                continue
            }
            entries.append((scalar.string, Entry(key: path, line: line, node: value)))
        }
        return entries
    }

    /// `missing` has one value so far; a field overrides it.
    private mutating func missing(_ entry: Entry?) {
        guard let entry, entry.text != "refuse" else { return }
        remarks.add(entry, "expected `refuse`, found \(entry.found); a field allows it by `required: false` or `default: …`")
    }

    private mutating func name(_ entry: Entry?) -> String {
        guard let entry, let name = remarks.text(entry, "the route's name"), remarks.isName(name, entry.line, entry.key) else {
            return folderName
        }
        if name != folderName {
            remarks.add(entry, "is `\(name)` but its folder is `\(Spelling.shown(folderName))`; they must be the same")
        }
        return name
    }

    /// The path as written, or the one that follows from the name, which may be reserved as well.
    private mutating func path(_ entry: Entry?, _ route: Entry?, _ name: String) -> String {
        guard let entry else {
            let path = Defaults.path(of: name)
            if let route, let fault = RoutePath.fault(in: path) {
                remarks.add(route, "leads to the path `\(Spelling.shown(path))`, which cannot be served; set `path` (\(fault))")
            }
            return path
        }
        guard let path = remarks.text(entry, "a path such as `/v1/films`", atMost: Limits.pathBytes) else { return "" }
        if let fault = RoutePath.fault(in: path) { remarks.add(entry, fault) }
        return path
    }

    private mutating func salt(_ entry: Entry) -> String? {
        remarks.text(entry, "the salt, a text that never changes")
    }

    private mutating func unit(_ entry: Entry) -> UnitSource {
        guard let keys = mapping(entry, known: RouteKeys.unit) else { return .prediction }
        let given = RouteKeys.unit.compactMap { keys[$0] }
        guard given.count == 1, let source = given.first else {
            let expected = "expected one of \(Spelling.choices(RouteKeys.unit)), such as `unit: { header: x-user-id }`"
            remarks.add(entry, "\(expected); found \(given.isEmpty ? "none" : "several")")
            return .prediction
        }
        guard let name = remarks.text(source, "a name") else { return .prediction }
        if keys["field"] != nil { return .field(name) }
        guard RoutePath.isToken(name) else {
            remarks.add(source, "`\(Spelling.shown(name))` cannot be the name of a header or cookie (RFC 9110, section 5.6.2)")
            return .prediction
        }
        return keys["header"] != nil ? .header(name.lowercased()) : .cookie(name)
    }

    mutating func duration(_ entry: Entry, in bounds: ClosedRange<Nanoseconds>) -> Nanoseconds? {
        guard let duration = entry.text.flatMap(Quantity.duration) else {
            remarks.add(entry, "expected a whole number with its unit, such as `50ms`, `1s` or `2m`, found \(entry.found)")
            return nil
        }
        guard bounds.contains(duration) else {
            let allowed = "\(Quantity.shown(duration: bounds.lowerBound)) to \(Quantity.shown(duration: bounds.upperBound))"
            remarks.add(entry, "is \(Spelling.shown(entry.text ?? "")); allowed are \(allowed)")
            return nil
        }
        return duration
    }

    private mutating func size(_ entry: Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let size = entry.text.flatMap(Quantity.size) else {
            remarks.add(entry, "expected a size in bytes, such as `256KiB`, `1MB` or `4096`, found \(entry.found)")
            return nil
        }
        guard let bytes = Int(exactly: size), bounds.contains(bytes) else {
            let allowed = [bounds.lowerBound, bounds.upperBound].map { Quantity.shown(size: UInt64($0)) }
            remarks.add(entry, "is \(Spelling.shown(entry.text ?? "")); allowed are \(allowed[0]) to \(allowed[1])")
            return nil
        }
        return bytes
    }

    private mutating func sample(_ entry: Entry) -> SampleFile? {
        guard let path = remarks.text(entry, "a file such as `sample.ndjson`", atMost: Limits.textBytes) else { return nil }
        references.append(FileReference(path: path, key: entry.key, line: entry.line, purpose: .sample))
        return SampleFile(path: path, line: entry.line)
    }
}
