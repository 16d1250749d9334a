/// A row of a file: what a request would send, and what the answer should say.
package struct LabelledRow: Sendable {
    /// A JSON object of features.
    package let body: [UInt8]
    /// The true label; nil when the row has none.
    package let label: String?

    package init(body: [UInt8], label: String?) {
        self.body = body
        self.label = label
    }
}
