import ArgumentParser
import Gateway
import Ledgers
import Replays

/// `weir compare`: a new model beside a variant, without a server.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare a new model with a variant on rows at hand, without a server.",
        discussion: """
            weir compare video-category --model new.onnx --rows heldout.ndjson     on the rows of a file
            weir compare video-category --model new.onnx --log                     on the logged predictions

            The model is first tried in quarantine, as weir check tries models. Then it is run in this process, and its answers are counted as \
            those of a shadow are. With --rows the variant's model is run as well; rows have the fields of the route's contract, others are \
            ignored. With --log what was answered is taken from the state folder, with the labels that came as outcomes; rows that were logged \
            without private fields are skipped. The figures are facts, no verdict.
            """)

    @OptionGroup var state: StateOptions

    @Argument(help: "The route.")
    var route: String

    @Option(help: ArgumentHelp("The new model's file. Required. [WEIR_MODEL]", valueName: "file"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The rows: CSV with a header line if the name ends in .csv, otherwise one JSON object a line. [WEIR_ROWS]", valueName: "file"))
    var rows: String?

    @Flag(help: "Take the rows from the prediction log. [WEIR_LOG]")
    var log = false

    @Option(
        help: ArgumentHelp(
            "The variant, or the shadow, to compare with. Default: with --rows the variant that has the largest weight in the route's file, with "
                + "--log every one that answered. [WEIR_AGAINST]", valueName: "variant"))
    var against: String?

    @Option(help: "With --rows: the member or column that holds the true label. Default: label. [WEIR_LABEL]")
    var label: String?

    @Option(help: ArgumentHelp("At most that many rows, from the first. Default: all. [WEIR_LIMIT]", valueName: "rows"))
    var limit: Int?

    @Flag(help: "Print JSON instead of tables. [WEIR_JSON]")
    var json = false

    @Option(help: ArgumentHelp("Folder of routes. Default: Routes of this checkout. [WEIR_ROUTES]", valueName: "dir"))
    var routes: String?

    @Option(
        help: ArgumentHelp(
            "ONNX Runtime's library. Default: ORT_LIBRARY, else .onnxruntime of this checkout. [WEIR_ONNX_RUNTIME]", valueName: "file"))
    var onnxRuntime: String?

    @OptionGroup var limits: LimitOptions

    func run() throws {
        let path = try Flags.required(Flags.value(model, "model"), "model", "the new model's file")
        let (rows, isLog) = (try Flags.value(rows, "rows"), try Flags.isSet(log, "log"))
        guard (rows != nil) != isLog else { throw ValidationError("give one of --rows and --log") }
        let limit = try Flags.value(limit, "limit") ?? .max
        guard limit > 0 else { throw ValidationError("--limit: \(limit) is less than 1") }
        let label = try Flags.value(label, "label") ?? "label"
        // What can be wrong with them is said before a model is tried.
        let given = try rows.map { try readRows($0, label: label).prefix(limit) }
        let ledger = given == nil ? try state.open(ifAbsent: .refuse, now: .now) : nil
        let comparison = try OfflineComparison(
            routes: Flags.value(routes, "routes") ?? Checkout.root + "/Routes", route: route, model: path,
            onnxRuntime: Flags.value(onnxRuntime, "onnx-runtime"), executable: Checkout.executable, limits: limits.value())
        let against = try Flags.value(against, "against")
        let report = try Self.showing { progress in
            if let ledger { return try comparison.compare(log: ledger, against: against, limit: limit, now: .now, progress: progress) }
            let rows = (given ?? []).map { LabelledRow(body: $0.body, label: $0.label) }
            return try comparison.compare(rows: rows, label: label, against: against, progress: progress)
        }
        print(try Flags.isSet(json, "json") ? JSONText.of(report) : ComparisonText.text(of: report))
    }

    /// Shows on standard error how far a comparison is, and leaves a clean line at its end.
    private static func showing(_ compare: (_ progress: (OfflineProgress) -> Void) throws -> ComparisonReport) rethrows -> ComparisonReport
    {
        var meter: ProgressMeter?
        defer { if let meter { Exit.show(meter.ending()) } }
        return try compare { step in
            if meter == nil { meter = ProgressMeter(total: step.total, start: step.now) }
            if let text = meter?.text(done: step.done, errors: step.skipped, now: step.now) { Exit.show(text) }
        }
    }
}
