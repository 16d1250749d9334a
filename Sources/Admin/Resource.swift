import Gateway
import Ledgers

/// One row of the control plane's table: a path, and what can be done there.
struct Resource: Sendable {
    /// What one method does, and the scope it takes.
    struct Action: Sendable {
        typealias Verb = @Sendable (AdminRouter) -> (Visit) throws(AdminFault) -> ControlAnswer

        let scope: Scopes
        /// Whether it may be open to everybody on this machine.
        let canBeOpen: Bool
        let verb: Verb

        init(_ scope: Scopes, canBeOpen: Bool = false, _ verb: @escaping Verb) {
            self.scope = scope
            self.canBeOpen = canBeOpen
            self.verb = verb
        }
    }

    /// `/api/v1/routes/{route}`: segments in braces take any text and give it that name.
    let pattern: String
    let get: Action?
    let post: Action?
    let delete: Action?
    private let segments: [Segment]

    private enum Segment: Equatable {
        case text(Substring)
        case named(String)
    }

    init(_ pattern: String, get: Action? = nil, post: Action? = nil, delete: Action? = nil) {
        self.pattern = pattern
        self.get = get
        self.post = post
        self.delete = delete
        segments = pattern.dropFirst().split(separator: "/").map { part in
            part.first == "{" ? .named(String(part.dropFirst().dropLast())) : .text(part)
        }
    }

    /// The methods served, as `Allow` lists them. HEAD is GET without its body.
    var methods: [String] {
        (get == nil ? [] : ["GET", "HEAD"]) + (post == nil ? [] : ["POST"]) + (delete == nil ? [] : ["DELETE"])
    }

    /// What a method does here; nil when it is not served.
    func action(_ method: ControlRequest.Method) -> Action? {
        switch method {
        case .get, .head: get
        case .post: post
        case .delete: delete
        case .other: nil
        }
    }

    /// The named segments of a path that fits; nil when it does not.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var names: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .text(let wanted): guard text == wanted else { return nil }
            case .named(let name): names[name] = text
            }
        }
        return names
    }
}

/// One request at its resource, let in.
struct Visit {
    let request: ControlRequest
    /// The path's named segments.
    let names: [String: String]
    /// nil where nobody has to say who they are.
    let holder: TokenHolder?

    /// The segment `{route}`.
    var route: String { names["route"] ?? "" }

    /// Who asks, for the audit.
    var author: String { holder?.name ?? "" }

    /// The value of a parameter; nil when it is not given.
    func parameter(_ name: String) -> String? { request.parameters?.first { $0.name == name }?.value }

    /// A parameter that is a whole number; nil when it is not given.
    func number(_ name: String, _ range: ClosedRange<UInt32>) throws(AdminFault) -> UInt32? {
        guard let text = parameter(name) else { return nil }
        guard let number = UInt32(text), range.contains(number) else {
            throw .parameterMalformed(name, "is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A parameter that is `true` or `false`; false when it is not given.
    func flag(_ name: String) throws(AdminFault) -> Bool {
        switch parameter(name) {
        case nil, "false": return false
        case "true": return true
        default: throw .parameterMalformed(name, "is true or false")
        }
    }

    /// Refuses parameters that mean nothing here, so that a mistyped one is not silently left out.
    func takes(_ known: String...) throws(AdminFault) {
        guard let given = request.parameters else { throw .parameterMalformed("the query", "has a percent sign that is no escape, or is not UTF-8") }
        if let stranger = given.first(where: { !known.contains($0.name) }) {
            throw .parameterUnknown(stranger.name, known: known.joined(separator: ", "))
        }
        if given.count > Set(given.map(\.name)).count { throw .parameterMalformed("a parameter", "comes twice") }
    }
}
