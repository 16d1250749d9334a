internal import CCurl
internal import Primitives

/// One request in flight and its answer: a libcurl handle that is used again and again, on the replay's thread.
final class Exchange {
    let easy: UnsafeMutableRawPointer
    private(set) var turn = Schedule.Turn(pass: 0, row: 0, due: Instant(nanoseconds: 0), isOpening: false)
    private(set) var answer: [UInt8] = []
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let reason: UnsafeMutablePointer<CChar>

    /// A handle with everything set that is the same for each request to `url`.
    init(_ url: String, _ options: ReplayOptions) throws(ReplayError) {
        guard let easy = curl_easy_init() else { throw .client(step: "libcurl", reason: "no handle") }
        self.easy = easy
        reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let owner = Unmanaged.passUnretained(self).toOpaque()
        var codes = [
            ccurl_set_string(easy, CURLOPT_URL, url),
            ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "https"),
            // A measurement of this address, not of a proxy that the environment happens to name.
            ccurl_set_string(easy, CURLOPT_PROXY, ""),
            ccurl_set_string(easy, CURLOPT_USERAGENT, "weir-replay"),
            ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Limits.connectMilliseconds),
            ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Limits.answerMilliseconds),
            ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, reason),
            ccurl_set_pointer(easy, CURLOPT_PRIVATE, owner),
            ccurl_set_writer(easy, keepAnswer, owner),
        ]
        if let authority = options.authority { codes.append(ccurl_set_string(easy, CURLOPT_CAINFO, authority)) }
        if let bad = codes.first(where: { $0 != CURLE_OK }) {
            throw .client(step: "libcurl's options", reason: String(cString: curl_easy_strerror(bad)))
        }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(fields)
        reason.deallocate()
    }

    /// The exchange that a handle belongs to.
    static func owner(of easy: UnsafeMutableRawPointer) -> Exchange? {
        ccurl_private(easy).map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sets what this request sends: `body`, under the unit of `turn`.
    func prepare(_ turn: Schedule.Turn, body: [UInt8], _ options: ReplayOptions) throws(ReplayError) {
        self.turn = turn
        let unit = "replay-\(turn.pass)-\(turn.row)-\(options.run)"
        try prepare(body, options, ["\(options.unitHeader): \(unit)"])
    }

    /// Sets what this request sends: `body`, and the fields in `more` beside those that every request has.
    func prepare(_ body: [UInt8], _ options: ReplayOptions, _ more: [String] = []) throws(ReplayError) {
        answer.removeAll(keepingCapacity: true)
        reason[0] = 0
        let lines = ["authorization: Bearer \(options.token)", "content-type: application/json"] + more
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        let set = [ccurl_set_fields(easy, list), ccurl_set_body(easy, body, body.count)]
        curl_slist_free_all(fields)
        fields = list
        guard set == [CURLE_OK, CURLE_OK] else { throw .client(step: "libcurl", reason: "out of memory") }
    }

    /// How the transfer ended. `now` is when that was seen.
    func ending(_ code: CURLcode, truth: String?, now: Instant) -> ReplayTally.Ending {
        let isAnswered = code == CURLE_OK
        return ReplayTally.Ending(
            status: isAnswered ? ccurl_long(easy, CURLINFO_RESPONSE_CODE) : nil,
            variant: field("x-weir-variant"),
            truth: truth,
            failure: isAnswered ? nil : String(cString: curl_easy_strerror(code)),
            text: isAnswered ? answer[...] : Array(failureText(code).utf8)[...],
            microseconds: turn.isOpening ? nil : Int(now.since(turn.due) / 1_000))
    }

    /// The HTTP version that the connection agreed on.
    var version: String { ccurl_long(easy, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0 ? "h2" : "http/1.1" }

    /// Connections that this request had to open.
    var connects: Int { ccurl_long(easy, CURLINFO_NUM_CONNECTS) }

    /// Why no answer came, as precisely as libcurl knows.
    private func failureText(_ code: CURLcode) -> String {
        String(cString: reason[0] == 0 ? curl_easy_strerror(code) : UnsafePointer(reason))
    }

    /// The answer's field of this name.
    func field(_ name: String) -> String? {
        var field: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(easy, name, 0, UInt32(CURLH_HEADER), -1, &field) == CURLHE_OK, let field else { return nil }
        return String(cString: field.pointee.value)
    }

    fileprivate func keep(_ bytes: UnsafeRawBufferPointer) {
        answer.append(contentsOf: bytes.prefix(Limits.answerBytes - answer.count))
    }
}

/// libcurl's write callback: hands the bytes to the exchange and takes them all.
private func keepAnswer(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ owner: UnsafeMutableRawPointer?) -> Int {
    guard let owner else { return 0 }
    Unmanaged<Exchange>.fromOpaque(owner).takeUnretainedValue().keep(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}
