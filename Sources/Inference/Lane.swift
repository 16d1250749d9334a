import COnnxRuntime

/// What a run came to.
package enum RunResult: Equatable, Sendable {
    case ok
    /// The runtime's error code, or a negative `Lane.Fault`. `Lane.reason` has the words.
    case failed(code: Int32)

    /// Whether a `Terminator` is why it failed.
    package var isTerminated: Bool { self == .failed(code: Lane.Fault.terminated.rawValue) }
}

/// One reactor's way through one model: rows in, class indexes and scores out, over memory and values made in advance.
///
/// One thread at a time. A run allocates nothing of ours and makes no call into Swift's runtime; with texts, maps or undeclared shapes the
/// runtime allocates its own. Answers hold until the next run.
package struct Lane: ~Copyable {
    /// What can be wrong with an answer that the runtime gave.
    package enum Fault: Int32, Sendable {
        /// Not one answer per row, or not as many scores as the model has classes.
        case unexpectedShape = -1
        /// The labels of one batch are longer than `Limits.labelBytes`, or than 64 times the rows where the known ones are shorter.
        case labelTextTooLong = -2
        /// A `Terminator` ended the run, or an earlier one without a `clear` since.
        case terminated = -3

        var reason: String {
            switch self {
            case .unexpectedShape: "the model answered another number of labels or scores than there are rows and classes"
            case .labelTextTooLong: "the model answered labels that are longer than any class it names"
            case .terminated: "the run was terminated: it took too long"
            }
        }
    }

    /// Class index per row; -1 when the model named an unknown class, and for regressions.
    package let labels: UnsafePointer<Int32>
    /// `scoreCount` per row, row by row: probabilities or the value. They may be non-finite: the caller judges.
    package let scores: UnsafePointer<Float>
    package let scoreCount: Int
    package let maxRows: Int

    private let session: Session
    private let table: OpaquePointer
    private let model: OpaquePointer
    private let names: PortNames
    private let options: Owned
    private let stop: StopMark
    private var inputs: InputValues
    private let outputs: OutputValues
    private let inputCount: Int
    private let outputCount: Int
    private let isSingleRow: Bool
    private var failure: Failure

    /// Makes the lane's memory and values for 1...`maxRows` rows, so that none is made in a run: 40 KB for 64 rows, 130 KB with text labels
    /// (measured).
    ///
    /// `binding` may come from another session of the same file.
    package init(session: Session, binding: Binding, maxRows: Int) throws(InferenceError) {
        precondition(1...Limits.rows ~= maxRows, "maxRows is between 1 and Limits.rows")
        let runtime = session.engine.runtime
        let file = session.file
        let inputs = try InputValues(
            session: session, plans: binding.inputs, targets: binding.targets, maxRows: maxRows, isSingleRow: binding.isSingleRow)
        let outputs = try OutputValues(session: session, binding: binding, maxRows: maxRows)
        let asked = [binding.label?.output, binding.scores].compactMap { $0?.port }

        func failed(_ reason: String) -> InferenceError {
            .runtimeFailed(file: file, operation: "making run options", reason: reason)
        }
        options = try runtime.make(WEIR_ORT_RUN_OPTIONS, or: failed) { weir_ort_new_run_options(runtime.table, $0) }
        stop = StopMark()
        names = PortNames(inputs: session.inputs, outputs: asked.map { session.outputs[$0] })
        labels = UnsafePointer(outputs.labels.start)
        scores = UnsafePointer(outputs.scores.start)
        scoreCount = binding.scoreCount
        inputCount = session.inputs.count
        outputCount = asked.count
        isSingleRow = binding.isSingleRow
        table = runtime.table
        model = session.pointer
        failure = Failure(runtime: runtime)
        self.maxRows = maxRows
        self.session = session
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Writes one row of the contract's columns. A text column's slot holds the bits `offset << 32 | byteCount` of its bytes in `text`; a
    /// text is cut at its first zero byte. Rows are written from 0 upwards: row 0 begins a batch.
    ///
    /// The answer is -1, or the first column whose value the model's type cannot hold exactly (a fraction or a missing value for an
    /// integer, a text beyond `Limits.textBytes`): such a row must not run.
    package mutating func fill(row: Int, slots: UnsafePointer<Double>, text: UnsafePointer<UInt8>) -> Int {
        precondition(row >= 0 && row < maxRows, "a row lies within the lane")
        return inputs.fill(row: row, slots: slots, text: text)
    }

    /// Runs the model over the first `rows` rows. When it fails, every row's answer is void: rerun them one by one to find the culprit.
    package mutating func run(rows: Int) -> RunResult {
        precondition(rows >= 1 && rows <= maxRows, "a run has at least one row and fits the lane")
        failure.clear()
        guard isSingleRow else { return call(entry: rows - 1, rows: rows, firstRow: 0) }
        for row in 0..<rows {
            let result = call(entry: row, rows: 1, firstRow: row)
            guard result == .ok else { return result }
        }
        return .ok
    }

    /// Why the last run failed; "" when it did not.
    package var reason: String { failure.reason }

    /// A handle to stop this lane's runs from another thread.
    package var terminator: Terminator { Terminator(table: table, options: options.pointer, mark: stop.word) }

    /// One call of the model.
    private mutating func call(entry: Int, rows: Int, firstRow: Int) -> RunResult {
        if inputs.hasTexts, let status = inputs.stageTexts(entry: entry, rows: rows, firstRow: firstRow) {
            return failure.keep(status)
        }
        let status = weir_ort_run(
            table, model, options.pointer, names.inputs, inputs.values.row(entry), inputCount, names.outputs, outputCount,
            outputs.values.row(entry))
        let reading = status.map(Reading.refused) ?? outputs.read(entry: entry, rows: rows, firstRow: firstRow)
        outputs.releaseMade(entry: entry)
        switch reading {
        case .ok: return .ok
        // The runtime has no code of its own for a run that was ended: it may fail in any words when the flag is seen half-way.
        case .refused(let status): return stop.isSet ? failure.keep(.terminated, instead: status) : failure.keep(status)
        case .fault(let fault): return failure.keep(fault)
        }
    }
}

/// The last failure of a lane, its words left where they are until somebody asks.
struct Failure: ~Copyable {
    private let runtime: Runtime
    private var status: OpaquePointer?
    private var fault: Lane.Fault?

    init(runtime: Runtime) {
        self.runtime = runtime
    }

    deinit {
        if let status { weir_ort_release(runtime.table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status)) }
    }

    var reason: String {
        if let fault { return fault.reason }
        guard let status, let message = weir_ort_error_message(runtime.table, status) else { return "" }
        return String(cString: message)
    }

    mutating func clear() {
        fault = nil
        if let status { weir_ort_release(runtime.table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status)) }
        status = nil
    }

    mutating func keep(_ status: OpaquePointer) -> RunResult {
        self.status = status
        return .failed(code: weir_ort_error_code(runtime.table, status))
    }

    /// Keeps the fault and drops the runtime's words, which say less.
    mutating func keep(_ fault: Lane.Fault, instead status: OpaquePointer) -> RunResult {
        weir_ort_release(runtime.table, WEIR_ORT_STATUS, UnsafeMutableRawPointer(status))
        return keep(fault)
    }

    mutating func keep(_ fault: Lane.Fault) -> RunResult {
        self.fault = fault
        return .failed(code: fault.rawValue)
    }
}
