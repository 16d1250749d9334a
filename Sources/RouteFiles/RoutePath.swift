/// Rules of HTTP for names in a route file.
enum RoutePath {
    /// Why a path cannot be served; nil when it can.
    static func fault(in path: String) -> String? {
        guard path.hasPrefix("/") else { return "must begin with `/`, such as `/\(Spelling.shown(path))`" }
        if path.contains("?") || path.contains("#") { return "must be a path alone, without a query or fragment" }
        // RFC 3986, section 3.3: characters of a segment. Escapes are left out, so that each path has one spelling.
        let others = "/-._~!$&'()*+,;=:@"
        if let odd = path.unicodeScalars.first(where: { !$0.isLetterOrDigit && !others.unicodeScalars.contains($0) }) {
            return "contains `\(Spelling.shown(String(odd)))`; a path is made of A-Z a-z 0-9 and \(others)"
        }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if segments.contains("") { return "has an empty segment; write `/` once, and not at the end" }
        if segments.contains(".") || segments.contains("..") { return "must not contain `.` or `..` as a segment" }
        if let reserved = RouteKeys.reservedPaths.first(where: { path == $0 || path.hasPrefix($0 + "/") }) {
            return "`\(reserved)` is answered by the gateway itself; choose another path, such as `/v1/…`"
        }
        return nil
    }

    /// Whether a text is a token of HTTP (RFC 9110, section 5.6.2): the names of headers and cookies are.
    static func isToken(_ text: String) -> Bool {
        let others = "!#$%&'*+-.^_`|~".unicodeScalars
        return !text.isEmpty && text.unicodeScalars.allSatisfy { $0.isLetterOrDigit || others.contains($0) }
    }
}

extension Unicode.Scalar {
    /// A–Z, a–z or 0–9, nothing beyond ASCII.
    fileprivate var isLetterOrDigit: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
    }
}
