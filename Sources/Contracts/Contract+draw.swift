extension Contract {
    /// A row that the contract accepts, as a JSON object, drawn from the fields' ranges: the same for the same seed, everywhere.
    ///
    /// For warm-up where no sample rows exist. A side without a bound is taken to end 100 from the other, or 100 from zero.
    package func draw(seed: UInt64) -> [UInt8] {
        var source = DrawSource(state: seed)
        var json: [UInt8] = [UInt8(ascii: "{")]
        for (index, field) in fields.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json += JSONText.quoted(field.name) + [UInt8(ascii: ":")] + field.draw(&source)
        }
        json.append(UInt8(ascii: "}"))
        return json
    }
}

extension ContractField {
    fileprivate func draw(_ source: inout DrawSource) -> [UInt8] {
        switch kind {
        case .boolean: return Array((source.next() & 1 == 0 ? "false" : "true").utf8)
        case .number, .integer: return NumberText.bytes(of: drawNumber(&source))
        case .string:
            guard values.isEmpty else { return JSONText.quoted(values[Int(source.next() % UInt64(values.count))]) }
            let letters = (0..<min(maximumLength, 8)).map { _ in UInt8(ascii: "a") + UInt8(source.next() % 26) }
            return JSONText.quoted(String(decoding: letters, as: UTF8.self))
        }
    }

    private func drawNumber(_ source: inout DrawSource) -> Double {
        let reach = kind == .integer ? 0x1p53 : Double.greatestFiniteMagnitude
        let low = max(minimum ?? maximum.map { min($0 - 100, 0) } ?? 0, -reach)
        let high = min(maximum ?? low + 100, reach)
        // Two products, since high - low may be beyond a double.
        let unit = source.unit()
        let number = min(max(low * (1 - unit) + high * unit, low), high)
        return kind == .integer ? number.rounded(.down) : number
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seedable, the same on every machine.
private struct DrawSource {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number in 0..<1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
