import HTTPWire
import Metrics
import Primitives
import Routing

// The fields of a request, as they arrive: route, authenticate, admit.

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Keeps the first fault; `admission` decides which of several is told.
    func find(_ fault: RequestFault) {
        if pointee.fault == .none { pointee.fault = fault }
    }

    /// Finds what the path leads to.
    func resolve(path bytes: UnsafePointer<UInt8>, _ count: Int) {
        var end = 0
        while end < count, bytes[end] != 0x3F { end += 1 }
        let loop = pointee.connection.pointee.loop
        if loop.pointee.isControl {
            pointee.pathCount = count > Exchange.pathBytes ? 0 : count
            pointee.path.update(from: bytes, count: pointee.pathCount)
            pointee.endpoint = .control
        } else {
            pointee.route = pointee.connection.route(path: bytes, end, planSlot: pointee.planSlot)
        }
        guard pointee.route == nil else { return pointee.endpoint = .predict }
        if spells(bytes, end, "/healthz") { pointee.endpoint = .health }
        if spells(bytes, end, "/readyz") { pointee.endpoint = .readiness }
        if spells(bytes, end, "/v1/outcomes") { pointee.endpoint = .outcomes }
    }

    /// Checks a bearer token (RFC 6750 section 2.1). The connection remembers the last one, so that the digest is made once.
    func authorize(_ value: UnsafePointer<UInt8>, _ count: Int) {
        pointee.authorization = .refused
        guard count > 7, count - 7 <= GatewayLimits.tokenBytes, spells(value, 7, "bearer ") else { return }
        let loop = pointee.connection.pointee.loop
        let token = pointee.connection.token(value + 7, count - 7, planSlot: pointee.planSlot)
        guard token >= 0, tokenEntry(token).pointee.expires > loop.pointee.wallMilliseconds else { return }
        pointee.token = token
        pointee.authorization = .granted
    }

    private func tokenEntry(_ token: Int32) -> UnsafePointer<TokenEntry> {
        pointee.planSlot.pointee.plan._withUnsafeGuaranteedRef { UnsafePointer($0.tokens.entries + Int(token)) }
    }

    /// What the token may do; nothing without one.
    var scopes: TokenScopes { pointee.token < 0 ? TokenScopes(rawValue: 0) : tokenEntry(pointee.token).pointee.scopes }

    /// Content-Length: refused early when it is more than the route takes. The wire has checked its form.
    func announce(length value: UnsafePointer<UInt8>, _ count: Int) {
        pointee.hasLength = true
        var length = 0
        for index in 0..<min(count, 18) where value[index] &- 0x30 < 10 { length = 10 * length + Int(value[index] &- 0x30) }
        if length > bodyAtMost { find(.bodyTooLarge) }
    }

    var bodyAtMost: Int {
        guard let route = pointee.route else {
            switch pointee.endpoint {
            case .control: return GatewayLimits.controlBodyBytes
            case .outcomes: return GatewayLimits.outcomeBytes
            default: return GatewayLimits.otherBodyBytes
            }
        }
        return min(pointee.connection.pointee.loop.pointee.limits.pointee.bodyBytes, route.pointee.bodyAtMost)
    }

    func expect(_ value: UnsafePointer<UInt8>, _ count: Int) {
        if spells(value, count, "100-continue") { pointee.expectsContinue = true } else { find(.expectationUnknown) }
    }

    func keepUnit(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard count <= GatewayLimits.unitBytes else { return find(.unitTooLong) }
        pointee.notes.update(from: value, count: count)
        pointee.unitCount = count
    }

    func findUnitCookie(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard let route = pointee.route, route.pointee.unit == .cookie, pointee.unitCount == 0 else { return }
        let name = UnsafeRawBufferPointer(start: route.pointee.unitName.start, count: route.pointee.unitName.count)
        let cookies = UnsafeRawBufferPointer(start: value, count: count)
        guard let range = Cookie.value(named: name.bytes, in: cookies.bytes) else { return }
        keepUnit(value + range.lowerBound, range.count)
    }

    func askForVariant(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard let route = pointee.route else { return }
        let index = route.pointee.variant(named: value, count)
        pointee.askedVariant = index < 0 ? -2 : Int16(index)
    }

    /// The caller's own deadline: milliseconds in decimal.
    func keepTimeout(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard let milliseconds = wholeNumber(value, count), milliseconds > 0 else { return find(.timeoutMalformed) }
        pointee.timeout = .milliseconds(min(milliseconds, GatewayLimits.timeoutMilliseconds))
    }

    /// A fault that the caller wants to see: `abort`, `non-finite`, `crash`, or `delay=MILLISECONDS`.
    func askForFault(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard let practice = Practice(value, count) else { return find(.faultMalformed) }
        pointee.practice = practice
    }

    /// The trace id of `00-<32 hexadecimal digits>-…` (W3C Trace Context section 3.2.2).
    func keepTrace(_ value: UnsafePointer<UInt8>, _ count: Int) {
        guard count >= 55, value[2] == 0x2D, value[35] == 0x2D else { return }
        var words = InlineArray<16, UInt8>(repeating: 0)
        var bytes = words.mutableSpan
        guard Hexadecimal.decode(UnsafeRawBufferPointer(start: value + 3, count: 32).bytes, into: &bytes) else { return }
        for index in 0..<8 {
            pointee.traceHigh = pointee.traceHigh << 8 | UInt64(words[index])
            pointee.traceLow = pointee.traceLow << 8 | UInt64(words[index + 8])
        }
    }

    /// Drops what comes after an early answer, to a bound.
    func dropBody(_ count: Int) {
        pointee.droppedBytes += count
        let connection = pointee.connection
        guard pointee.droppedBytes > connection.pointee.loop.pointee.wireLimits.pointee.drainBytes, let session = connection.pointee.h2 else { return }
        session.pointee.reset(stream: pointee.stream, code: 0 /* NO_ERROR: the answer stands, stop sending (RFC 9113 section 8.1) */)
        connection.markDirty()
    }

    /// Whether the request may go on, once its fields are known. The order is the order of the stations: route, authenticate, admit.
    func admission(endsHere: Bool) -> RequestFault {
        switch pointee.endpoint {
        case .health, .readiness: return readsOnly()
        case .control:
            guard pointee.method != .unknown else { return .methodUnknown }
            return pointee.method == .post || pointee.fault == .bodyTooLarge ? pointee.fault : .none
        case .unknown: return pointee.method == .unknown ? .methodUnknown : .routeUnknown
        case .outcomes, .predict: break
        }
        guard pointee.method == .post else { return pointee.method == .unknown ? .methodUnknown : .methodNotAllowed }
        switch pointee.authorization {
        case .missing: return .tokenMissing
        case .refused: return .tokenUnknown
        case .granted: break
        }
        let entry = tokenEntry(pointee.token)
        guard entry.pointee.scopes.contains(pointee.endpoint == .predict ? .predict : .outcome) else { return .scopeMissing }
        guard pointee.endpoint == .predict else { return completeness(endsHere: endsHere) }
        if let only = entry.pointee.route, only != pointee.route.unsafelyUnwrapped.pointee.hash { return .routeForbidden }
        if pointee.askedVariant != -1 {
            guard entry.pointee.scopes.contains(.override) else { return .overrideForbidden }
            guard pointee.askedVariant >= 0 else { return .variantUnknown }
        }
        if pointee.practice != .none {
            guard entry.pointee.scopes.contains(.override), allowsPractice else { return .faultForbidden }
        }
        let fault = completeness(endsHere: endsHere)
        return fault == .none ? admit(entry) : fault
    }

    /// Whether this server plays the fault that was asked for: one that ends the process only where that was allowed.
    private var allowsPractice: Bool {
        guard pointee.practice.kind == .crash else { return true }
        return pointee.connection.pointee.loop.pointee.allowsCrashFaults
    }

    /// What was found on the way, or that the body is missing.
    private func completeness(endsHere: Bool) -> RequestFault {
        guard pointee.fault == .none else { return pointee.fault }
        return endsHere && !pointee.hasLength ? .lengthRequired : .none
    }

    private func readsOnly() -> RequestFault {
        switch pointee.method {
        case .get, .head: pointee.fault == .bodyTooLarge ? .bodyTooLarge : .none
        case .unknown: .methodUnknown
        case .post, .delete, .other: .methodNotAllowed
        }
    }
}

extension UnsafeMutablePointer where Pointee == Connection {
    /// The route with this path, without its query; nil when there is none.
    func route(path: UnsafePointer<UInt8>, _ count: Int, planSlot: UnsafeMutablePointer<PlanSlot>) -> UnsafePointer<PlanRoute>? {
        let plan = planSlot.pointee.plan
        let generation = plan._withUnsafeGuaranteedRef { $0.generation }
        if let last = pointee.lastRoute, pointee.lastPlan == generation, last.pointee.path.equals(path, count) { return last }
        guard let route = plan._withUnsafeGuaranteedRef({ $0.route(path: path, count: count) }) else { return nil }
        pointee.lastRoute = route
        pointee.lastPlan = generation
        return route
    }

    /// The index of the token in the plan; -1 when it is not there. Compares in constant time with the last one shown here.
    func token(_ bytes: UnsafePointer<UInt8>, _ count: Int, planSlot: UnsafeMutablePointer<PlanSlot>) -> Int32 {
        let generation = planSlot.pointee.plan._withUnsafeGuaranteedRef { $0.generation }
        if let known = pointee.credentials, known.pointee.generation == generation, known.holds(bytes, count) { return known.pointee.token }
        let token = planSlot.pointee.plan._withUnsafeGuaranteedRef { $0.tokens.index(ofSecret: bytes, count: count) }
        if pointee.credentials == nil {
            pointee.credentials = .allocate(capacity: 1)
            pointee.credentials.unsafelyUnwrapped.initialize(to: Credentials())
        }
        pointee.credentials.unsafelyUnwrapped.keep(bytes, count, token: token, generation: generation)
        return token
    }
}
