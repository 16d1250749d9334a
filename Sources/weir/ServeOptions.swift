import ArgumentParser
import Foundation
import Gateway
import Ledgers
import Logging

/// The flags of `weir serve`. A worker has the same: the supervisor passes on what it was given.
struct ServeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of routes. Default: Routes of this checkout. [WEIR_ROUTES]", valueName: "dir"))
    var routes: String?

    @Option(help: ArgumentHelp("Folder with server.pem and server.key.pem. Default: Certs of this checkout. [WEIR_CERTS]", valueName: "dir"))
    var certs: String?

    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("Address of the data plane; port 0 lets the system choose. Default: 0.0.0.0:8443. [WEIR_LISTEN]", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Address of the control plane. Default: 127.0.0.1:9443. [WEIR_CONTROL]", valueName: "host:port"))
    var control: String?

    @Option(help: ArgumentHelp("Threads that serve. Default: one for each CPU this process may use. [WEIR_REACTORS]", valueName: "n"))
    var reactors: Int?

    @Option(
        help: ArgumentHelp(
            "Access lines: all, off, or the share of requests that get one, such as 0.01. Answers of 500 and above always get one unless off. "
                + "Default: all. [WEIR_ACCESS_LOG]", valueName: "share"))
    var accessLog: String?

    @Option(
        help: ArgumentHelp(
            "File for log lines, added to at its end; may be rotated at any time. Default: standard output. [WEIR_LOG_FILE]", valueName: "file"))
    var logFile: String?

    @Flag(help: "Let everybody on this machine read /metrics without a token. Needs a control plane on loopback. [WEIR_METRICS_OPEN]")
    var metricsOpen = false

    @Flag(help: "Let faults for practice crash the process (weir fault --crash). Never where answers matter. [WEIR_ALLOW_CRASH_FAULTS]")
    var allowCrashFaults = false

    @OptionGroup var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "When requests wait too long: enforce turns predictions away (429), observe only counts them, off does not look. Default: enforce. "
                + "[WEIR_SHED]", valueName: "mode"))
    var shed: String?

    @Option(
        help: ArgumentHelp(
            "Beyond the limit concurrency: enforce refuses predictions (503), observe only counts them. Default: enforce. [WEIR_CONCURRENCY_MODE]",
            valueName: "mode"))
    var concurrencyMode: String?

    @Option(help: ArgumentHelp("ONNX Runtime's library. Default: ORT_LIBRARY, else .onnxruntime of this checkout. [WEIR_ONNX_RUNTIME]", valueName: "file"))
    var onnxRuntime: String?

    /// The flags and the environment, understood.
    /// - Throws: `ValidationError` about the first that is wrong.
    func configuration() throws -> ServerConfiguration {
        if let asked = try Flags.value(reactors, "reactors"), !(1...ServerConfiguration.reactorsAtMost).contains(asked) {
            throw ValidationError("--reactors is between 1 and \(ServerConfiguration.reactorsAtMost)")
        }
        return try ServerConfiguration(
            routes: Flags.value(routes, "routes") ?? Checkout.root + "/Routes",
            certificates: Flags.value(certs, "certs") ?? Checkout.root + "/Certs", state: state.folder().path,
            listen: Flags.value(listen, "listen") ?? "0.0.0.0:8443", control: Flags.value(control, "control") ?? "127.0.0.1:9443",
            reactors: Flags.value(reactors, "reactors") ?? 0, accessLog: accessShare(),
            areMetricsOpen: Flags.isSet(metricsOpen, "metrics-open"), allowsCrashFaults: Flags.isSet(allowCrashFaults, "allow-crash-faults"),
            limits: gatewayLimits(), onnxRuntime: Flags.value(onnxRuntime, "onnx-runtime"), executable: Checkout.executable)
    }

    /// Opens the log, and sends there what is logged from now on.
    /// - Parameter label: who logs.
    func openLog(_ label: String) throws -> (lines: LogLines, logger: Logger) {
        let lines = try LogLines(to: LogFile(path: Flags.value(logFile, "log-file")), version: Version.text)
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, log: lines) }
        return (lines, Logger(label: label))
    }

    private func accessShare() throws -> Double {
        switch try Flags.value(accessLog, "access-log") ?? "all" {
        case "all": return 1
        case "off": return 0
        case let text:
            guard let share = Double(text), (0...1).contains(share) else { throw ValidationError("--access-log is all, off, or a share from 0 to 1") }
            return share
        }
    }

    private func gatewayLimits() throws -> GatewayLimits {
        var result = try limits.value()
        result.shed = try strictness(shed, "shed", of: Strictness.allCases)
        result.concurrencyStrictness = try strictness(concurrencyMode, "concurrency-mode", of: [.enforce, .observe])
        return result
    }

    private func strictness(_ given: String?, _ flag: String, of choices: [Strictness]) throws -> Strictness {
        guard let text = try Flags.value(given, flag) else { return .enforce }
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            throw ValidationError("--\(flag) is \(choices.map(\.rawValue).joined(separator: " or ")), not \(text)")
        }
        return choice
    }
}
