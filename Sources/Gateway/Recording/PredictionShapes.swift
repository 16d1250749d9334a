import Contracts
import Primitives
import Synchronization

/// What a note's slots and scores mean: whose they are, the contract's fields and the model's classes.
struct PredictionShape: Sendable, Equatable {
    let route: String
    let variant: String
    let fields: [ContractField]
    /// Empty for a regression.
    let labels: [String]
}

/// Shapes by number, so that a reactor's note can name one. Grows with the contracts that plans have had, never shrinks.
final class PredictionShapes: Sendable {
    static let shared = PredictionShapes()

    private struct Table {
        var shapes: [PredictionShape] = []
        /// Numbers by route and variant.
        var numbers: [String: [Int]] = [:]
    }

    // The lock protects the table; taken when a plan is made and when notes are stored, never for a request.
    private let known = Mutex(Table())

    /// The number of a shape.
    func number(of shape: PredictionShape) -> UInt32 {
        known.withLock { known in
            let name = "\(shape.route)\u{1F}\(shape.variant)"
            if let place = known.numbers[name]?.last(where: { known.shapes[$0] == shape }) { return UInt32(place) }
            known.numbers[name, default: []].append(known.shapes.count)
            known.shapes.append(shape)
            return UInt32(known.shapes.count - 1)
        }
    }

    /// The shape of a number that `number(of:)` gave.
    func shape(_ number: UInt32) -> PredictionShape { known.withLock { $0.shapes[Int(number)] } }
}

extension PredictionShape {
    /// The row as JSON, without private fields and those that have no value.
    func input(slots: UnsafeBufferPointer<Double>, texts: UnsafeRawBufferPointer) -> String {
        var parts: [String] = []
        var textStart = 0
        for (field, slot) in zip(fields, slots) {
            var text = ""
            if field.kind == .string {
                let end = textStart + TextSlot(slot).count
                text = ErrorText.quoted(String(decoding: texts[textStart..<end], as: UTF8.self))
                textStart = end
            } else if slot.isFinite {
                text = field.kind == .boolean ? (slot == 0 ? "false" : "true") : Self.number(slot)
            }
            if !field.isPrivate, !text.isEmpty { parts.append("\(ErrorText.quoted(field.name)):\(text)") }
        }
        return "{\(parts.joined(separator: ","))}"
    }

    /// A row's answer as JSON, as the client got it.
    func answer(label: UInt16, scores: [Float]) -> String {
        guard !labels.isEmpty else { return "{\"value\":\(scores.first.map(Self.number) ?? "null")}" }
        let name = Int(label) < labels.count ? ErrorText.quoted(labels[Int(label)]) : "null"
        guard !scores.isEmpty else { return "{\"label\":\(name)}" }
        let parts = zip(labels, scores).map { "\(ErrorText.quoted($0)):\(Self.number($1))" }
        return "{\"label\":\(name),\"probabilities\":{\(parts.joined(separator: ","))}}"
    }

    private static func number(_ value: Double) -> String { String(decoding: NumberText.bytes(of: value), as: UTF8.self) }

    private static func number(_ value: Float) -> String {
        guard value.isFinite else { return "null" }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NumberText.maximumBytes) { bytes in
            guard let start = bytes.baseAddress else { return "null" }
            return String(decoding: UnsafeBufferPointer(start: start, count: NumberText.write(value, into: start)), as: UTF8.self)
        }
    }
}
