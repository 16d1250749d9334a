internal import CCurl
private import Glibc
internal import Primitives

/// libcurl's set of concurrent transfers over shared connections, and the timer that wakes its wait between milliseconds.
struct Transfers: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    private let timer: Int32

    init(connections: Int, streams: Int) throws(ReplayError) {
        curl_global_init(Int(CURL_GLOBAL_ALL))  // counts its calls; harmless when repeated
        guard let multi = curl_multi_init() else { throw .client(step: "libcurl", reason: "no multi handle") }
        let timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        guard timer >= 0 else {
            curl_multi_cleanup(multi)
            throw .client(step: "timer", reason: systemReason())
        }
        self.multi = multi
        self.timer = timer
        _ = ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, streams)
    }

    deinit {
        curl_multi_cleanup(multi)
        close(timer)
    }

    borrowing func add(_ exchange: Exchange) throws(ReplayError) { try check(curl_multi_add_handle(multi, exchange.easy)) }

    borrowing func remove(_ exchange: Exchange) { curl_multi_remove_handle(multi, exchange.easy) }

    /// Sends and receives what can be without waiting.
    borrowing func perform() throws(ReplayError) {
        var running: Int32 = 0
        try check(curl_multi_perform(multi, &running))
    }

    /// The next exchange that is over, and how.
    borrowing func nextFinished() -> (exchange: Exchange, code: CURLcode)? {
        var code = CURLE_OK
        guard let easy = ccurl_next_finished(multi, &code), let exchange = Exchange.owner(of: easy) else { return nil }
        return (exchange, code)
    }

    /// Returns when a socket or libcurl's own timers need attention, at `wake` at the latest, and after a second in any case.
    borrowing func wait(until wake: Instant?) throws(ReplayError) {
        guard let wake else { return try check(curl_multi_poll(multi, nil, 0, 1_000, nil)) }
        let time = timespec(tv_sec: Int(wake.nanoseconds / 1_000_000_000), tv_nsec: Int(wake.nanoseconds % 1_000_000_000))
        var setting = itimerspec(it_interval: timespec(), it_value: time)
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)  // also forgets an expiry that nobody read
        var waited = curl_waitfd(fd: timer, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        try check(curl_multi_poll(multi, &waited, 1, 1_000, nil))
    }

    private borrowing func check(_ code: CURLMcode) throws(ReplayError) {
        guard code == CURLM_OK else { throw .client(step: "libcurl", reason: String(cString: curl_multi_strerror(code))) }
    }
}
