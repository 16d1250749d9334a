import GRDB

extension Row {
    /// The value of a column. Unlike GRDB's subscript it throws where a damaged file holds a value that does not fit, and does not trap.
    func value<Value: DatabaseValueConvertible>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(type, forColumn: column)
    }
}
