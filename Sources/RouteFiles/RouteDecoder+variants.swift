/// The key `variants`.
extension RouteDecoder {
    mutating func variants(_ entry: Entry) -> [VariantEntry]? {
        guard let entries = self.entries(entry) else { return nil }
        guard !entries.isEmpty else {
            remarks.add(entry, "names no variant; write at least one, such as `champion: { model: …, sha256: …, weight: 1 }`")
            return nil
        }
        if entries.count > Limits.variants {
            remarks.add(entry, "names \(entries.count) variants; at most \(Limits.variants) are allowed")
        }
        let variants = entries.map { self.variant($0, $1) }
        if variants.allSatisfy({ $0?.weight == 0 }) {
            remarks.add(entry, "every weight is 0, so nothing would answer; give one variant a weight above 0")
        }
        return variants.compactMap(\.self)
    }

    private mutating func variant(_ name: String, _ entry: Entry) -> VariantEntry? {
        guard remarks.isName(name, entry.line, entry.key), let keys = mapping(entry, known: RouteKeys.variant) else { return nil }
        let model = self.model(keys, of: name, entry)
        let weight = keys["weight"].flatMap { self.weight($0) }
        if keys["weight"] == nil { remarks.add(entry, "has no `weight`; give a number such as 50, or 0 to leave it without traffic") }
        let run: RunEntry? = keys["run"].flatMap { remarks.choice($0) }
        return VariantEntry(
            name: name, line: entry.line, model: model.path, modelLine: model.line, sha256: model.sha256, weight: weight ?? .nan,
            weightLine: keys["weight"]?.line ?? entry.line, run: run)
    }

    /// The keys `model` and `sha256` of a variant or shadow. The file itself is checked when the route is read.
    mutating func model(_ keys: [String: Entry], of name: String, _ entry: Entry) -> (path: String, line: Int, sha256: String) {
        let pin = self.pin(keys["sha256"])
        guard let key = keys["model"] else {
            remarks.add(entry, "has no `model`; name its file, such as `model: \(name).onnx`")
            return ("", entry.line, pin.text)
        }
        guard let path = remarks.text(key, "a model file such as `champion.onnx`") else { return ("", key.line, pin.text) }
        let pinKey = keys["sha256"]?.key ?? "\(entry.key).sha256"
        let place = FileReference.Pin(digest: pin, key: pinKey, line: keys["sha256"]?.line ?? key.line)
        references.append(FileReference(path: path, key: key.key, line: key.line, purpose: .model(place)))
        return (path, key.line, pin.text)
    }

    private mutating func weight(_ entry: Entry) -> Double? {
        guard let weight = remarks.number(entry) else { return nil }
        guard weight == 0 || Limits.weight.contains(weight) else {
            let bounds = "\(Spelling.shown(Limits.weight.lowerBound)) to \(Spelling.shown(Limits.weight.upperBound))"
            remarks.add(entry, "is \(Spelling.shown(weight)); a weight is 0, or \(bounds)")
            return nil
        }
        return weight
    }

    /// What the file says as digest. Remarks are left to the check of the model's file, which knows the right one.
    private func pin(_ entry: Entry?) -> FileReference.Digest {
        guard let entry else { return .absent }
        let text = entry.text?.lowercased() ?? ""
        let isDigest = text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        return isDigest ? .given(text) : .malformed
    }
}
