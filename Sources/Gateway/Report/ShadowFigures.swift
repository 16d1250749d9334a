/// What one shadow answered beside the variants that were asked for real: over all of them and all revisions, then one by one.
///
/// In JSON the overall figures stand beside `name`, those of a primary beside its name.
package struct ShadowFigures: Encodable, Equatable, Sendable {
    package var name: String
    /// The first eight digits of the model's SHA-256: a shadow that got another model has figures of its own.
    package var model: String
    /// Over all primaries and revisions.
    package var all: PairFigures
    /// By name.
    package var primaries: [Primary]
    /// Newest first.
    package var revisions: [Revision]
    /// Rows on which it differed most, the largest divergence first; of the model that the route's file names now.
    package var examples: [ExampleAnswer] = []

    enum CodingKeys: String, CodingKey {
        case name, model, primaries, revisions, examples
    }

    package func encode(to encoder: any Encoder) throws {
        try all.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(model, forKey: .model)
        try container.encode(primaries, forKey: .primaries)
        try container.encode(revisions, forKey: .revisions)
        if !examples.isEmpty { try container.encode(examples, forKey: .examples) }
    }

    /// The shadow beside one variant, over all revisions.
    package struct Primary: Encodable, Equatable, Sendable {
        /// The variant that was assigned; where no revision knows its name any more, eight digits that stand for it.
        package var name: String
        package var figures: PairFigures

        enum CodingKeys: String, CodingKey {
            case name
        }

        package func encode(to encoder: any Encoder) throws {
            try figures.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
        }
    }

    /// The counts under one revision.
    package struct Revision: Encodable, Equatable, Sendable {
        package var number: UInt32
        package var sampled: UInt64
        package var compared: UInt64
        package var underWay: UInt64
        /// By reason, above 0 only.
        package var dropped: [String: UInt64]
        /// Left out where the models answer a value.
        package var agreed: UInt64?
        package var diverged: UInt64
        /// Part of what was compared, 0...1.
        package var divergence: Double?

        enum CodingKeys: String, CodingKey {
            case number, sampled, compared, dropped, agreed, diverged, divergence
            case underWay = "under_way"
        }
    }
}
