/// Stored bytes are not what this program stores: the ledger's file is damaged.
package struct StoredFault: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
