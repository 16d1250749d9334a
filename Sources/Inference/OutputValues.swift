import COnnxRuntime

/// The memory of a lane's answers, the runtime's values over it, and how an answer becomes a class index and scores per row.
struct OutputValues: ~Copyable {
    let values: ValueTable
    /// A class index per row; -1 for a class that the model named and nobody knows, and for regressions.
    let labels: Memory<Int32>
    /// rows x scoreCount, row by row.
    let scores: Memory<Float>
    let scoreCount: Int
    let isClassifier: Bool

    let runtime: Runtime
    let allocator: OpaquePointer
    let decoder: ClassDecoder
    let labelForm: OutputPlan.Form?
    let scoreForm: OutputPlan.Form?
    /// Whether the runtime writes into our memory.
    let isLabelOurs: Bool
    let areScoresOurs: Bool
    /// Answered integers, eight bytes per row whatever their type.
    let codes: Memory<Int64>
    /// Answered float64 scores before they are narrowed.
    let wide: Memory<Double>
    let labelBytes: Memory<UInt8>
    let labelOffsets: Memory<Int>
    /// The class of each key of a map, in the keys' order.
    let mapOrder: Memory<Int>

    init(session: Session, binding: Binding, maxRows: Int) throws(InferenceError) {
        let (label, plan) = (binding.label, binding.scores)
        let count = binding.scoreCount
        let labels = Memory<Int32>(maxRows)
        let scores = Memory<Float>(maxRows * count)
        let codes = Memory<Int64>(maxRows)
        let wide = Memory<Double>(plan?.form == .float64 ? maxRows * count : 0)
        labels.start.update(repeating: -1, count: maxRows)
        decoder = ClassDecoder(label?.natives ?? .codes([]))
        let isText = label?.output.form == .text
        labelBytes = Memory(isText ? min(maxRows * max(decoder.longest, 64), Limits.labelBytes) : 0)
        labelOffsets = Memory(isText ? maxRows : 0)
        mapOrder = Memory(binding.mapOrder.count)
        for (key, index) in binding.mapOrder.enumerated() { mapOrder.start[key] = index }

        let outputs = [label?.output, plan].compactMap { $0 }
        let starts = (UnsafeMutableRawPointer(codes.start), UnsafeMutableRawPointer(scores.start), UnsafeMutableRawPointer(wide.start))
        values = try ValueTable(
            runtime: session.engine.runtime, portCount: outputs.count, maxRows: maxRows, isSingleRow: binding.isSingleRow
        ) { port, rows, firstRow throws(InferenceError) in
            guard let tail = outputs[port].tail else { return nil }
            let shape = [Int64(rows)] + tail
            switch outputs[port].form {
            case .int64: return try session.borrowingTensor(starts.0 + firstRow * 8, .int64, shape)
            case .int32: return try session.borrowingTensor(starts.0 + firstRow * 4, .int32, shape)
            case .float32: return try session.borrowingTensor(starts.1 + firstRow * count * 4, .float32, shape)
            case .float64: return try session.borrowingTensor(starts.2 + firstRow * count * 8, .float64, shape)
            case .text: return try session.textTensor(shape)
            case .mapPerRow: return nil
            }
        }
        runtime = session.engine.runtime
        allocator = session.engine.allocator
        labelForm = label?.output.form
        scoreForm = plan?.form
        isLabelOurs = label?.output.tail != nil
        areScoresOurs = plan?.tail != nil
        scoreCount = count
        isClassifier = binding.task != .regression
        self.labels = labels
        self.scores = scores
        self.codes = codes
        self.wide = wide
    }
}
