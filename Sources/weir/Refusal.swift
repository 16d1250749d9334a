/// What a command may not do, in words for the person who asked. The process ends with code 1.
struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
