/// The fields that every log line has, under the names of the Elastic Common Schema.
///
/// The order and the dots in the names are those of the ECS loggers (github.com/elastic/ecs-logging, `spec/spec.json`): `@timestamp`,
/// `log.level` and `message` come first, and `log.level` and `ecs.version` are written with a dot, not nested. Every other name has
/// its dots for the same reason: a line reads well, and Elasticsearch takes both forms. What the schema has no name for is under `weir.`.
package enum LogFields {
    /// The version of the schema whose names are used.
    package static let schema = "8.11.0"
    /// Where a name of our own begins.
    package static let own = "weir."

    /// What follows `message`: schema, service, and what kind of event the line is about.
    /// - Parameters:
    ///   - dataset: `weir.access` or `weir.server`.
    ///   - category: one of the schema's values of `event.category`.
    ///   - type: one of the schema's values of `event.type`.
    package static func constants(version: String, dataset: String, category: String, type: String) -> String {
        """
        ,"ecs.version":"\(schema)","service.name":"weir","service.version":\(ErrorText.quoted(version)),"event.kind":"event",\
        "event.category":["\(category)"],"event.type":["\(type)"],"event.dataset":"\(dataset)"
        """
    }
}
