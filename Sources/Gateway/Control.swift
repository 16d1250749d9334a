import HTTPWire
import Metrics
import Primitives

/// A request on the control plane, as its handler sees it.
package struct ControlRequest: Sendable {
    package let method: String
    /// Without the query.
    package let path: String
    package let query: String
    /// What the request's token is worth.
    package let token: Token

    /// What a token is worth to the control plane.
    package enum Token: Sendable {
        case missing
        /// Not known, expired or revoked.
        case unknown
        /// In force, without the scope `view`.
        case other
        /// May read reports and metrics.
        case view
    }
}

/// The handler's answer.
package struct ControlAnswer: Sendable {
    package var status: Int
    package var contentType: StaticString
    package var body: [UInt8]

    package init(status: Int, contentType: StaticString = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// An error with the body that all errors have.
    package static func fault(_ status: Int, _ code: String, _ sentence: String) -> ControlAnswer {
        ControlAnswer(status: status, body: Array(ErrorText.json(sentence: sentence, code: code).utf8))
    }
}

/// Answers requests on the control plane. Called on the control plane's thread; may take its time, but every request there waits for it.
package typealias ControlHandler = @Sendable (ControlRequest) -> ControlAnswer

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Hands a complete request to the control plane's handler.
    func answerControl(_ exchange: ExchangePointer) {
        let target = String(decoding: UnsafeBufferPointer(start: exchange.pointee.path, count: exchange.pointee.pathCount), as: UTF8.self)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let request = ControlRequest(
            method: "\(exchange.pointee.method)".uppercased(), path: parts[0], query: parts.count > 1 ? parts[1] : "",
            token: worth(of: exchange))
        let answer = pointee.server.takeUnretainedValue().controlHandler(request)
        let extra: WireField? = answer.status == 401 ? .challenge : answer.status == 405 ? .readOnly : nil
        exchange.answerBytes(answer.status, answer.body, extra, contentType: answer.contentType)
    }

    private func worth(of exchange: ExchangePointer) -> ControlRequest.Token {
        switch exchange.pointee.authorization {
        case .missing: .missing
        case .refused: .unknown
        case .granted: exchange.scopes.contains(.view) ? .view : .other
        }
    }

    /// Ready means: ready for new traffic.
    func answerReadiness(_ exchange: ExchangePointer) {
        if pointee.server.takeUnretainedValue().isDraining { exchange.answer(.draining) } else { exchange.answerText("ready\n") }
    }
}
