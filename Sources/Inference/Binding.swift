/// How a contract's columns meet a model's inputs, and what its outputs mean. Decided once when a model is loaded, by names, shapes and one
/// trial; valid for every session of the same file.
package struct Binding: Sendable {
    /// What the model answers.
    package enum Task: Equatable, Sendable {
        /// The classes' names, in the order of the scores.
        case classification(labels: [String])
        case regression
    }

    package let task: Task
    /// Scores per row: one per class, 0 for a classifier that answers labels only, 1 for a regression.
    package let scoreCount: Int
    /// Why the model refused the trial with zeros and empty texts; its declared shapes are then trusted. nil: it ran.
    package let notice: String?

    /// The model takes one row per call, so that a batch is run row by row.
    let isSingleRow: Bool
    /// In the order of the model's inputs.
    let inputs: [InputPlan]
    /// In the order of the contract's columns.
    let targets: [ColumnTarget]
    let label: LabelPlan?
    let scores: OutputPlan?
    /// For scores that come as maps: the class index of each key, in the order in which a map answers its keys. Else empty.
    let mapOrder: [Int]

    /// Binds `columns`, in the contract's order, to the model. `labels` are the class names that a route file gives, in column order.
    ///
    /// Runs the model once or twice, so not on a reactor.
    package init(session: Session, columns: [Column], labels: [String]?) throws(InferenceError) {
        let inputSide = try InputSide(session: session, columns: columns)
        let roles = try OutputRoles(session: session)
        let trial = try Trial(session: session, inputs: inputSide, roles: roles)
        let outputs = try OutputSide(session: session, roles: roles, trial: trial)
        inputs = inputSide.plans
        targets = inputSide.targets
        isSingleRow = inputSide.isSingleRow
        notice = trial.refusal
        scores = outputs.scores

        guard roles.isClassifier(scoreWidth: outputs.scoreWidth, labels: labels) else {
            if let labels {
                throw .mismatch(
                    file: session.file, port: "the outputs", expected: "one score for each of the \(labels.count) labels of the route file",
                    found: "one value per row")
            }
            task = .regression
            scoreCount = 1
            label = nil
            mapOrder = []
            return
        }
        let classes = try ClassNames(session: session, roles: roles, scoreWidth: outputs.scoreWidth, chosen: labels)
        task = .classification(labels: classes.names)
        scoreCount = outputs.scores == nil ? 0 : classes.names.count
        label = outputs.label.map { LabelPlan(output: $0, natives: classes.natives) }
        mapOrder = outputs.scores?.form == .mapPerRow ? classes.natives.sortedOrder : []
    }
}

/// One input of the model, and the memory it needs.
struct InputPlan: Sendable {
    let element: ElementType
    /// Values per row.
    let width: Int
    /// 1 for [N], 2 for [N, width].
    let rank: Int
}

/// Where one column of the contract goes.
struct ColumnTarget: Sendable {
    let input: Int
    /// Elements from the start of the row.
    let offset: Int
}

/// One output that is asked for.
struct OutputPlan: Sendable {
    enum Form: Sendable {
        case int32, int64, text, float32, float64, mapPerRow
    }

    /// Index among the model's outputs.
    let port: Int
    let form: Form
    /// The dimensions after the rows, when a trial has shown them and the declaration agrees: then values are made in advance. nil: the
    /// runtime makes them in each call.
    let tail: [Int64]?
}

/// The label output and what it answers for each class.
struct LabelPlan: Sendable {
    let output: OutputPlan
    let natives: ClassList
}

extension ClassList {
    /// Class indexes in the order of a sorted map's keys: numbers by value, texts by their bytes.
    var sortedOrder: [Int] {
        switch self {
        case .texts(let texts):
            texts.indices.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
        case .codes(let codes): codes.indices.sorted { codes[$0] < codes[$1] }
        }
    }
}
