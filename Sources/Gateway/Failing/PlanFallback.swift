import RouteFiles

/// What a route file says about failed answers.
typealias RouteFallback = FallbackEntry

/// What answers when a route's variants have failed, flat.
enum PlanFallback {
    case none
    /// The variant with this index.
    case variant(Int)
    /// The same answer each time.
    case answer(status: Int, body: Bytes)

    init(_ entry: FallbackEntry?, variants: [VariantParts], arena: ByteArena) {
        switch entry {
        case nil: self = .none
        case .answer(let status, let json): self = .answer(status: status, body: arena.keep(String(decoding: json, as: UTF8.self)))
        // The route file was checked: the variant is there.
        case .variant(let name): self = variants.firstIndex { $0.name == name }.map { .variant($0) } ?? .none
        }
    }
}
