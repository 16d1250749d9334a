internal import CSimdJSON

/// One outcome as it came. Its texts lie in the reader's memory: valid until the reader's next body.
package struct OutcomeItem {
    /// The id of the prediction, at most 128 bytes, escapes decoded; whether it is one of ours is not looked at.
    package let prediction: UnsafeBufferPointer<UInt8>
    /// The outcome's name, at most 64 bytes.
    package let name: UnsafeBufferPointer<UInt8>
    package let value: OutcomeValue
    /// When it happened by the sender's clock, in ms since 1970, within the years 0 to 9999; nil when the sender did not say.
    package let at: Int64?
    /// Whether it replaces a value that is recorded already.
    package let isReplacement: Bool

    init(_ item: csimdjson_outcome) {
        prediction = UnsafeBufferPointer(item.prediction)
        name = UnsafeBufferPointer(item.name)
        value = OutcomeValue(item)
        at = item.has_at ? item.at : nil
        isReplacement = item.replaces
    }
}

/// What an outcome says.
package enum OutcomeValue {
    /// A finite number, and the same in 1e-6: rounded half to even from the digits that came, nil beyond `Limits.fixedPoint`.
    case number(Double, fixed: Int64?)
    case boolean(Bool)
    /// At most 256 bytes of UTF-8.
    case text(UnsafeBufferPointer<UInt8>)
    /// JSON that no outcome can be: null, NaN, an infinity, a number too large for a double, a text that is too long.
    case unfit

    init(_ item: csimdjson_outcome) {
        switch Int(item.kind) {
        case CSIMDJSON_OUTCOME_IS_NUMBER: self = .number(item.number, fixed: item.fits ? item.fixed : nil)
        case CSIMDJSON_OUTCOME_IS_BOOLEAN: self = .boolean(item.number != 0)
        case CSIMDJSON_OUTCOME_IS_TEXT: self = .text(UnsafeBufferPointer(item.text))
        default: self = .unfit
        }
    }

    /// The value in 1e-6 of its unit, true as 1 and false as 0; nil for texts and for what does not fit.
    package var fixed: Int64? {
        switch self {
        case .number(_, let fixed): fixed
        case .boolean(let flag): flag ? 1_000_000 : 0
        case .text, .unfit: nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    init(_ text: csimdjson_text) {
        self.init(start: text.bytes, count: text.count)
    }
}
