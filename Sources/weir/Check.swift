import ArgumentParser
import Gateway

/// `weir check`: everything that serving would read, without serving.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check route files and models without serving.",
        discussion: """
            Reads every route, tries every model in a process of its own under limits on memory and time, opens it and runs its sample rows. \
            Prints every complaint as file:line: key: message, not only the first, and exits 1 when there is one.
            """)

    @Argument(help: ArgumentHelp("Folder of routes. Default: Routes of this checkout. [WEIR_ROUTES]", valueName: "dir"))
    var routes: String?

    @Option(help: ArgumentHelp("ONNX Runtime's library. Default: ORT_LIBRARY, else .onnxruntime of this checkout. [WEIR_ONNX_RUNTIME]", valueName: "file"))
    var onnxRuntime: String?

    @OptionGroup var limits: LimitOptions

    func run() throws {
        let result = try RouteCheck.run(
            Flags.value(routes, "routes") ?? Checkout.root + "/Routes", onnxRuntime: Flags.value(onnxRuntime, "onnx-runtime"),
            executable: Checkout.executable, limits: limits.value())
        for complaint in result.complaints { print(complaint) }
        for route in result.routes { print("\(route): ok") }
        if !result.complaints.isEmpty { throw Refusal("\(result.complaints.count) \(result.complaints.count == 1 ? "complaint" : "complaints")") }
        if result.routes.isEmpty { throw Refusal("there is no route here: a route is a folder with a route.yaml") }
    }
}
