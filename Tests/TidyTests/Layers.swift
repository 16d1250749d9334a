/// How far a target stands from the ground. Imports point down only.
enum Layer: Int, Comparable {
    /// C headers of one outside library.
    case shim
    /// Values without input or output.
    case primitives
    /// Decisions, without clocks, storage or sockets.
    case domain
    /// One outside library each.
    case edge
    case gateway, admin, program

    static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
}

/// A target: its layer, and the modules from outside the house that it alone may name.
struct Station {
    let layer: Layer
    var outside: Set<String> = []
}

/// The house plan. A new target is entered here, which is where a reader finds out what it may see.
let stations: [String: Station] = [
    "COpenSSL": Station(layer: .shim),
    "CNghttp2": Station(layer: .shim),
    "COnnxRuntime": Station(layer: .shim),
    "CSimdJSON": Station(layer: .shim),
    "CLinux": Station(layer: .shim),
    "CCurl": Station(layer: .shim),
    "CProcess": Station(layer: .shim),

    "Primitives": Station(layer: .primitives),

    "Admission": Station(layer: .domain),
    "Routing": Station(layer: .domain),
    "Metrics": Station(layer: .domain),
    "Breakers": Station(layer: .domain),
    "Shadowing": Station(layer: .domain),
    "Experiments": Station(layer: .domain),

    "Reactor": Station(layer: .edge, outside: ["CLinux"]),
    "Processes": Station(layer: .edge, outside: ["CProcess"]),
    "TLS": Station(layer: .edge, outside: ["COpenSSL"]),
    "HTTPWire": Station(layer: .edge, outside: ["CNghttp2"]),
    "Inference": Station(layer: .edge, outside: ["COnnxRuntime"]),
    "Contracts": Station(layer: .edge, outside: ["CSimdJSON"]),
    "RouteFiles": Station(layer: .edge, outside: ["Yams", "Foundation"]),
    "Ledgers": Station(layer: .edge, outside: ["GRDB", "Foundation"]),
    "Recordings": Station(layer: .edge),
    "Replays": Station(layer: .edge, outside: ["CCurl", "Foundation"]),

    "Gateway": Station(layer: .gateway, outside: ["Logging", "Foundation"]),
    "Admin": Station(layer: .admin, outside: ["Logging", "Foundation"]),
    "weir": Station(layer: .program, outside: ["ArgumentParser", "Logging", "Foundation"]),
    "weir-bench": Station(layer: .program, outside: ["ArgumentParser", "Foundation"]),
]

/// Modules of the toolchain that every target may import.
let toolchain: Set<String> = ["Swift", "Glibc", "Synchronization"]

/// Why a target may not see a module, or nil if it may.
func complaint(target: String, sees module: String) -> String? {
    guard let station = stations[target] else { return "\(target) has no place in Tests/TidyTests/Layers.swift" }
    if toolchain.contains(module) || station.outside.contains(module) { return nil }
    guard let other = stations[module] else { return "\(target) may not import \(module)" }
    return switch (station.layer, other.layer) {
    case (_, .shim): "\(target) may not import \(module): each C module has one owner"
    case (.domain, .primitives), (.edge, .primitives): nil
    case (Layer.gateway..., ..<station.layer): nil
    default: "\(target) may not import \(module): imports point down, from \(station.layer) not to \(other.layer)"
    }
}

extension SourceFile {
    /// The modules that this file imports, each with its line number.
    func imports() -> [(line: Int, module: String)] {
        SwiftCode(text).lines.enumerated().compactMap { index, line in
            guard let match = line.firstMatch(of: importLine) else { return nil }
            return (index + 1, String(match.1))
        }
    }
}

nonisolated(unsafe) private let importLine =
    #/^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:package|public|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/#

/// The targets of a manifest with the names of what they depend on, test targets left out.
func dependencies(inManifest text: String) -> [(target: String, dependencies: [String])] {
    var result: [(target: String, dependencies: [String])] = []
    for piece in text.split(separator: #/\.(?=target\(|executableTarget\(|testTarget\()/#).dropFirst() {
        guard !piece.hasPrefix("testTarget"), let name = piece.firstMatch(of: #/name:\s*"([^"]+)"/#)?.1 else { continue }
        let list = piece.firstMatch(of: #/dependencies:\s*\[(.*?)\]/#.dotMatchesNewlines())?.1 ?? ""
        let plain = list.replacing(#/package:\s*"[^"]*"/#, with: "")
        result.append((String(name), plain.matches(of: #/"([^"]+)"/#).map { String($0.1) }))
    }
    return result
}
