import Reactor

/// What a server is started with. The program's flags, once they are understood.
package struct ServerConfiguration: Sendable {
    /// Folder of routes.
    package var routes: String
    /// Folder with `server.pem` (certificate chain) and `server.key.pem`.
    package var certificates: String
    /// Folder of the ledger, locked while the server runs.
    package var state: String
    /// `HOST:PORT` of the data plane and of the control plane; port 0: the kernel chooses.
    package var listen: String
    package var control: String
    /// Reactors; 0: one for each CPU that the process may use.
    package var reactors: Int
    /// Reactors at most: an id names its reactor in a byte, and two numbers are others' in the counters: the control plane's, and the one of shadows. A machine with more CPUs
    /// has as many reactors; who asks for more is refused.
    package static let reactorsAtMost = 254
    /// Share of requests that get an access line, 0 to 1.
    package var accessLog: Double
    /// `/metrics` without a token; only where the control plane is on loopback.
    package var areMetricsOpen: Bool
    /// Faults for practice may crash the process; otherwise such a fault stays in the ledger and does nothing.
    package var allowsCrashFaults: Bool
    package var limits: GatewayLimits
    /// The library of ONNX Runtime; nil: looked for.
    package var onnxRuntime: String?
    /// The running program, for looking.
    package var executable: String

    package init(
        routes: String, certificates: String, state: String, listen: String, control: String, reactors: Int, accessLog: Double,
        areMetricsOpen: Bool, allowsCrashFaults: Bool = false, limits: GatewayLimits, onnxRuntime: String?, executable: String
    ) {
        self.routes = routes
        self.certificates = certificates
        self.state = state
        self.listen = listen
        self.control = control
        self.reactors = reactors
        self.accessLog = accessLog
        self.areMetricsOpen = areMetricsOpen
        self.allowsCrashFaults = allowsCrashFaults
        self.limits = limits
        self.onnxRuntime = onnxRuntime
        self.executable = executable
    }
}

extension ServerConfiguration {
    /// Reactors that a server of this configuration has on this machine.
    var reactorCount: Int { reactors > 0 ? reactors : min(Thread.allowedCPUs, Self.reactorsAtMost) }

    /// Opens the control plane's socket. Open metrics are for programs on this machine: an address that others reach would show them to
    /// everybody.
    func openControl() throws -> Listener {
        let listener = try Listener(address: control)
        guard !areMetricsOpen || listener.isOnLoopback else {
            throw ServerError.failed(
                "--metrics-open needs a control plane on loopback, such as --control 127.0.0.1:9443; on \(control) use a token with the scope view")
        }
        return listener
    }
}

/// Why a server does not start, in words that say what to do.
package enum ServerError: Error, CustomStringConvertible {
    /// The route files are wrong: every complaint, as `file:line: key: message`.
    case routes([String])
    case failed(String)

    package var description: String {
        switch self {
        case .routes(let complaints): complaints.joined(separator: "\n")
        case .failed(let reason): reason
        }
    }
}
