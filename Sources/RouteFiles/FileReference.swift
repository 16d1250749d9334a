/// A file that a route names.
struct FileReference: Equatable {
    /// As written, relative to the route's folder.
    let path: String
    /// The key that names it.
    let key: String
    let line: Int
    let purpose: Purpose

    enum Purpose: Equatable {
        case model(Pin)
        case sample
    }

    /// The digest that a model must have, and where the file says so.
    struct Pin: Equatable {
        let digest: Digest
        let key: String
        let line: Int
    }

    enum Digest: Equatable {
        case absent, malformed
        /// 64 lower-case hexadecimal digits.
        case given(String)

        var text: String {
            if case .given(let text) = self { text } else { "" }
        }
    }
}
