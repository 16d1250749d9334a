import COnnxRuntime

/// The memory of a lane's inputs, the runtime's values over it, and how a row of the contract is written there.
struct InputValues: ~Copyable {
    /// Where the values of one column are. (Not private: Swift 6.3.1 emits a broken module for private elements of a noncopyable generic.)
    struct Cell: BitwiseCopyable {
        var element: ElementType
        /// The column's place in row 0; for texts a list of C strings.
        var start: UnsafeMutableRawPointer
        /// Bytes from row to row.
        var stride: Int
    }

    let values: ValueTable
    /// Whether `stageTexts` has anything to do.
    let hasTexts: Bool

    private let table: OpaquePointer
    private let plans: Memory<Plan>
    private let cells: Memory<Cell>
    /// One block for all inputs, each at a multiple of 64 bytes.
    private let block: Memory<UInt8>
    /// The texts of a batch, each ended by 0; the first byte is the empty text.
    private let texts: Memory<UInt8>
    private var textsUsed = 1
    /// All columns go to one float32 matrix in order: the usual case, a plain loop.
    private let isFloatMatrix: Bool

    /// An input as the hot path needs it: texts are handed over before each run.
    struct Plan: BitwiseCopyable {
        var isText: Bool
        var width: Int
        var start: UnsafeMutableRawPointer
    }

    init(
        session: Session, plans: [InputPlan], targets: [ColumnTarget], maxRows: Int, isSingleRow: Bool
    ) throws(InferenceError) {
        let offsets = Self.offsets(of: plans, maxRows: maxRows)
        let block = Memory<UInt8>(offsets.last ?? 0)
        let base = UnsafeMutableRawPointer(block.start)
        hasTexts = plans.contains { $0.element == .text }
        texts = Memory(hasTexts ? Limits.textBytes : 1)

        self.plans = Memory(plans.count)
        for (index, plan) in plans.enumerated() {
            self.plans.start[index] = Plan(isText: plan.element == .text, width: plan.width, start: base + offsets[index])
            guard plan.element == .text else { continue }
            let list = (base + offsets[index]).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>.self)
            list.initialize(repeating: texts.start, count: maxRows * plan.width)
        }
        cells = Memory(targets.count)
        for (index, target) in targets.enumerated() {
            let plan = plans[target.input]
            let size = Self.size(of: plan.element)
            cells.start[index] = Cell(
                element: plan.element, start: base + offsets[target.input] + target.offset * size, stride: plan.width * size)
        }
        isFloatMatrix = plans.count == 1 && plans[0].element == .float32 && plans[0].width == targets.count
        values = try ValueTable(runtime: session.engine.runtime, portCount: plans.count, maxRows: maxRows, isSingleRow: isSingleRow) {
            port, rows, firstRow throws(InferenceError) in
            let plan = plans[port]
            let dimensions = plan.rank == 1 ? [Int64(rows)] : [Int64(rows), Int64(plan.width)]
            if plan.element == .text { return try session.textTensor(dimensions) }
            let start = base + offsets[port] + firstRow * plan.width * plan.element.byteCount
            return try session.borrowingTensor(start, plan.element, dimensions)
        }
        table = session.engine.runtime.table
        self.block = block
    }

    /// Bytes of one value in our block: texts are pointers there.
    private static func size(of element: ElementType) -> Int {
        element == .text ? MemoryLayout<UnsafeMutablePointer<UInt8>>.stride : element.byteCount
    }

    /// Where each input begins, and at last where all end.
    private static func offsets(of plans: [InputPlan], maxRows: Int) -> [Int] {
        plans.reduce(into: [0]) { offsets, plan in
            let bytes = maxRows * plan.width * size(of: plan.element)
            offsets.append((offsets.last ?? 0) + (bytes + 63) / 64 * 64)
        }
    }

    /// Writes one row; the answer is the column that does not fit, or -1. Row 0 begins a batch: it forgets the texts of the last one.
    mutating func fill(row: Int, slots: UnsafePointer<Double>, text: UnsafePointer<UInt8>) -> Int {
        if isFloatMatrix {
            let width = cells.count
            let floats = UnsafeMutableRawPointer(block.start).assumingMemoryBound(to: Float.self) + row * width
            for column in 0..<width { floats[column] = Float(slots[column]) }
            return -1
        }
        if row == 0 { textsUsed = 1 }
        for column in 0..<cells.count {
            let cell = cells.start[column]
            let fits =
                cell.element == .text
                ? store(text, slots[column].bitPattern, at: cell.start + row * cell.stride)
                : Self.store(slots[column], cell.element, at: cell.start + row * cell.stride)
            if !fits { return column }
        }
        return -1
    }

    /// Copies a text and ends it; false when the batch's texts have no room left.
    private mutating func store(_ text: UnsafePointer<UInt8>, _ place: UInt64, at cell: UnsafeMutableRawPointer) -> Bool {
        let (offset, count) = (Int(place >> 32), Int(place & 0xFFFF_FFFF))
        guard count < texts.count - textsUsed else { return false }
        let copy = texts.start + textsUsed
        copy.update(from: text + offset, count: count)
        copy[count] = 0
        textsUsed += count + 1
        cell.storeBytes(of: copy, as: UnsafeMutablePointer<UInt8>.self)
        return true
    }

    /// Stores a number; false when an integer type cannot hold exactly this value (a fraction, too large, or missing).
    private static func store(_ number: Double, _ element: ElementType, at cell: UnsafeMutableRawPointer) -> Bool {
        switch element {
        case .float32: cell.storeBytes(of: Float(number), as: Float.self)
        case .float64: cell.storeBytes(of: number, as: Double.self)
        case .int64: return storeInteger(number, as: Int64.self, at: cell)
        case .int32: return storeInteger(number, as: Int32.self, at: cell)
        case .int16: return storeInteger(number, as: Int16.self, at: cell)
        case .int8: return storeInteger(number, as: Int8.self, at: cell)
        case .uint64: return storeInteger(number, as: UInt64.self, at: cell)
        case .uint32: return storeInteger(number, as: UInt32.self, at: cell)
        case .uint16: return storeInteger(number, as: UInt16.self, at: cell)
        case .uint8: return storeInteger(number, as: UInt8.self, at: cell)
        case .bool:
            guard number == 0 || number == 1 else { return false }
            cell.storeBytes(of: number == 1, as: Bool.self)
        case .text, .float16: return false
        }
        return true
    }

    @inline(__always)
    private static func storeInteger<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Double, as type: Number.Type, at cell: UnsafeMutableRawPointer
    ) -> Bool {
        guard let exact = Number(exactly: number) else { return false }
        cell.storeBytes(of: exact, as: Number.self)
        return true
    }

    /// Hands the texts of `rows` rows from `firstRow` on to the values of `entry`: the runtime copies them. The answer is its status.
    func stageTexts(entry: Int, rows: Int, firstRow: Int) -> OpaquePointer? {
        for port in 0..<plans.count where plans.start[port].isText {
            let plan = plans.start[port]
            let list = plan.start.assumingMemoryBound(to: UnsafePointer<CChar>?.self) + firstRow * plan.width
            if let status = weir_ort_fill_texts(table, values.row(entry)[port], list, rows * plan.width) { return status }
        }
        return nil
    }
}
