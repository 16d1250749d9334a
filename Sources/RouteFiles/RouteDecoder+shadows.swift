import Yams

/// The key `shadows`.
extension RouteDecoder {
    /// - Parameter variants: those of the route, as far as they could be read: a shadow has a name of its own, and follows them.
    mutating func shadows(_ entry: Entry, beside variants: [VariantEntry]) -> [ShadowEntry]? {
        let example = "such as `- { name: candidate, model: …, sha256: … }`"
        guard let items = remarks.list(entry, of: "shadows, \(example)", atMost: Limits.shadows) else { return nil }
        if items.isEmpty { remarks.add(entry, "names no shadow; write one, \(example), or leave the key out") }
        let names = items.map(Self.name)
        // Variants with complaints are not in the list: without any, there is nothing to compare with.
        let known = variants.isEmpty ? [] : variants.map(\.name) + names.compactMap(\.self)
        var lines = Dictionary(variants.map { ($0.name, "variant on line \($0.line)") }) { first, _ in first }
        return zip(items, names).compactMap { item, name in
            // Complaints name it as those about variants do, once it has a name.
            let place = name.map { Entry(key: "\(entry.key).\(Spelling.shown($0))", line: item.line, node: item.node) } ?? item
            guard let shadow = self.shadow(place, among: known) else { return nil }
            if let first = lines[shadow.name] {
                remarks.add(shadow.line, "\(place.key).name", "`\(shadow.name)` is the name of the \(first) already")
            } else {
                lines[shadow.name] = "shadow on line \(shadow.line)"
            }
            return shadow
        }
    }

    /// What an item gives as its name, whether or not it may be one.
    private static func name(of item: Entry) -> String? {
        guard case .mapping(let pairs) = item.node, let name = pairs.first(where: { $0.key.string == "name" }) else { return nil }
        return Entry(key: item.key, line: item.line, node: name.value).text
    }

    /// - Parameter names: of the route's variants and shadows; none when they are not known.
    private mutating func shadow(_ entry: Entry, among names: [String]) -> ShadowEntry? {
        guard let keys = mapping(entry, known: RouteKeys.shadow) else { return nil }
        guard let nameEntry = keys["name"] else {
            remarks.add(entry, "has no `name`; a shadow is told from others by it")
            return nil
        }
        guard let name = remarks.text(nameEntry, "a shadow's name"), remarks.isName(name, nameEntry.line, nameEntry.key) else { return nil }
        let model = self.model(keys, of: name, entry)
        var shadow = ShadowEntry(name: name, line: entry.line, model: model.path, modelLine: model.line, sha256: model.sha256)
        if let percent = keys["percent"].flatMap({ share($0) }) { shadow.percent = percent }
        if let follow = keys["follow"].flatMap({ self.follow($0, name, among: names) }) { shadow.follow = follow }
        if let limit = keys["limit"].flatMap({ share($0) }) { shadow.limit = limit }
        if let tolerance = keys["tolerance"].flatMap({ self.tolerance($0) }) { shadow.tolerance = tolerance }
        return shadow
    }

    /// One name alone, or a list of them.
    private mutating func follow(_ entry: Entry, _ name: String, among names: [String]) -> [String]? {
        let others = names.filter { $0 != name }
        let followed: [String]
        if case .sequence = entry.node {
            guard let list = remarks.texts(entry, of: "names of variants", atMost: Limits.variants + Limits.shadows) else { return nil }
            followed = list
        } else {
            guard let only = remarks.text(entry, "a variant's name, or a list of them") else { return nil }
            followed = [only]
        }
        for one in followed where !names.isEmpty && !others.contains(one) {
            let stranger = "is neither a variant nor another shadow of this route\(Spelling.hint(for: one, in: others))"
            let fault = one == name ? "is the shadow itself" : stranger
            remarks.add(entry, "`\(Spelling.shown(one))` \(fault)")
        }
        return followed
    }

    private mutating func tolerance(_ entry: Entry) -> Double? {
        guard let tolerance = remarks.number(entry) else { return nil }
        guard tolerance > 0 else {
            remarks.add(entry, "is \(Spelling.shown(tolerance)); a relative difference above 0 is allowed, such as 0.1")
            return nil
        }
        return tolerance
    }
}
