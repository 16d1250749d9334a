import Contracts
import HTTPWire
import Metrics
import Primitives

// The answer to a prediction, written into the exchange's own memory:
//
//     {"id":"…","route":"video-category","label":"Drama","probabilities":{"Drama":0.71,"Comedy":0.29}}      one row
//     {"id":"…","route":"price","value":12.5}                                                               one row of a regression
//     {"ids":["…","…"],"route":"…","predictions":[{"label":…,"probabilities":{…}},…]}                       the instances form

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Answers with the model's labels and scores, of which one row at least is an answer; a row that is none says so itself.
    func answerPrediction(labels: UnsafePointer<Int32>, scores: UnsafePointer<Float>) {
        let route = pointee.route.unsafelyUnwrapped
        let variant = pointee.variant.unsafelyUnwrapped
        pointee.count = 0
        pointee.reserve(pointee.rows * variant.pointee.rowBytesAtMost + route.pointee.envelopeBytesAtMost)
        var text = JSONWriter(at: pointee.buffer)
        if pointee.isList {
            writeList(&text, labels, scores, route, variant)
        } else {
            text.write("{\"id\":\"")
            pointee.predictionOffset = text.count(since: pointee.buffer)
            writeID(&text, row: 0, label: labels[0], route, variant)
            text.write(route.pointee.afterID)
            writeRow(&text, labels[0], scores, variant)
            text.write("}")
        }
        pointee.reply = WireBody(bytes: pointee.buffer, count: text.count(since: pointee.buffer))
        pointee.hasPrediction = true
        send(200)
        record(labels, scores, route, variant)
    }

    /// Where the first id stands in the answer.
    var prediction: UnsafePointer<UInt8> { UnsafePointer(pointee.buffer + pointee.predictionOffset) }

    private func writeList(
        _ text: inout JSONWriter, _ labels: UnsafePointer<Int32>, _ scores: UnsafePointer<Float>, _ route: UnsafePointer<PlanRoute>,
        _ variant: UnsafePointer<PlanVariant>
    ) {
        text.write("{\"ids\":[")
        pointee.predictionOffset = text.count(since: pointee.buffer) + 1
        for row in 0..<pointee.rows {
            text.write(row == 0 ? "\"" : ",\"")
            let isRow = isAnswer(labels[row], scores + row * variant.pointee.scoreCount, variant)
            writeID(&text, row: row, label: isRow ? labels[row] : -1, route, variant)
            text.write("\"")
        }
        text.write(route.pointee.afterIDs)
        for row in 0..<pointee.rows {
            let rowScores = scores + row * variant.pointee.scoreCount
            text.write(row == 0 ? "{" : ",{")
            if isAnswer(labels[row], rowScores, variant) {
                writeRow(&text, labels[row], rowScores, variant)
            } else {
                text.write("\"error\":\"The model could not answer this row.\",\"code\":\"model-failed\"")
            }
            text.write("}")
        }
        text.write("]}")
    }

    private func writeRow(_ text: inout JSONWriter, _ label: Int32, _ scores: UnsafePointer<Float>, _ variant: UnsafePointer<PlanVariant>) {
        guard variant.pointee.isClassification else {
            text.write("\"value\":")
            return text.write(scores[0])
        }
        text.write(variant.pointee.openings[Int(label)])
        guard variant.pointee.scoreCount > 0 else { return }
        for index in 0..<variant.pointee.scoreCount {
            text.write(variant.pointee.classKeys[index])
            text.write(scores[index])
        }
        text.write("}")
    }

    /// Whether a row's result is one: a known class, and finite numbers.
    func isAnswer(_ label: Int32, _ scores: UnsafePointer<Float>, _ variant: UnsafePointer<PlanVariant>) -> Bool {
        variant.isAnswer(label, scores)
    }

    private func writeID(
        _ text: inout JSONWriter, row: Int, label: Int32, _ route: UnsafePointer<PlanRoute>, _ variant: UnsafePointer<PlanVariant>
    ) {
        let loop = pointee.connection.pointee.loop
        let id = PredictionID(
            route: route.pointee.hash, assigned: pointee.assigned.unsafelyUnwrapped.pointee.hash, served: variant.pointee.hash, revision: route.pointee.revision,
            reason: pointee.reason, flags: pointee.flags, label: label < 0 ? PredictionID.noLabel : UInt16(truncatingIfNeeded: label),
            time: pointee.assignedAt, unit: pointee.unitHash, nonce: loop.pointee.predictionNonce,
            reactor: UInt8(truncatingIfNeeded: loop.pointee.number), sequence: pointee.sequence + UInt64(row))
        let key = pointee.planSlot.pointee.plan._withUnsafeGuaranteedRef { $0.predictionKey }
        var room = UnsafeMutableRawBufferPointer(start: text.at, count: PredictionID.textCount).mutableBytes
        id.encode(into: &room, signedBy: key)
        text.at += PredictionID.textCount
    }
}

extension UnsafePointer where Pointee == PlanVariant {
    /// Whether a row's result is one: a known class, and finite numbers.
    func isAnswer(_ label: Int32, _ scores: UnsafePointer<Float>) -> Bool {
        if pointee.isClassification, label < 0 { return false }
        for index in 0..<pointee.scoreCount where !scores[index].isFinite { return false }
        return true
    }
}

/// A place in memory that is known to be large enough, and moves on as JSON is written.
struct JSONWriter {
    var at: UnsafeMutablePointer<UInt8>

    func count(since start: UnsafeMutablePointer<UInt8>) -> Int { at - start }

    @inline(__always) mutating func write(_ text: StaticString) {
        at.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        at += text.utf8CodeUnitCount
    }

    @inline(__always) mutating func write(_ bytes: Bytes) {
        at.update(from: bytes.start, count: bytes.count)
        at += bytes.count
    }

    @inline(__always) mutating func write(_ number: Float) {
        at += NumberText.write(number, into: at)
    }
}
