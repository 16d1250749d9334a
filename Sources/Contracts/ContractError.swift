/// Why a contract cannot be used. `key` is the key of the route file that is wrong.
package enum ContractError: Error, Equatable, CustomStringConvertible {
    /// Something about the contract as a whole.
    case contract(key: String, reason: String)
    /// Something about the field at `index` (from 0).
    case field(index: Int, name: String, key: String, reason: String)
    /// The tables or buffers do not fit into memory.
    case outOfMemory

    package var description: String {
        switch self {
        case .contract(let key, let reason): "\(key): \(reason)"
        case .field(_, let name, let key, let reason): "field \"\(name)\": \(key): \(reason)"
        case .outOfMemory: "not enough memory for the contract's tables"
        }
    }
}
