import COnnxRuntime

/// How a run's answer is read.
enum Reading {
    case ok
    /// The runtime refuses to show it; the status belongs to the caller.
    case refused(OpaquePointer)
    case fault(Lane.Fault)
}

/// From the runtime's values to `labels` and `scores`: in every run, so nothing here allocates.
extension OutputValues {
    /// Reads the answer of `rows` rows, which go to the rows from `firstRow`.
    func read(entry: Int, rows: Int, firstRow: Int) -> Reading {
        let outputs = values.row(entry)
        // Without scores the entry ends with the label: there is no value behind it to look at.
        let scoresRead = readScores(scoreForm == nil ? nil : outputs[labelForm == nil ? 0 : 1], rows, firstRow)
        guard case .ok = scoresRead else { return scoresRead }
        switch labelForm {
        case nil:
            if isClassifier { for row in firstRow..<firstRow + rows { labels.start[row] = Int32(truncatingIfNeeded: likely(row)) } }
            return .ok
        case .text: return readTexts(outputs[0], rows, firstRow)
        default: return readCodes(outputs[0], rows, firstRow)
        }
    }

    /// Releases what the runtime made for one call.
    func releaseMade(entry: Int) {
        let outputs = values.row(entry)
        if labelForm != nil, !isLabelOurs { release(&outputs[0]) }
        if scoreForm != nil, !areScoresOurs { release(&outputs[labelForm == nil ? 0 : 1]) }
    }

    private func release(_ value: inout OpaquePointer?) {
        guard let made = value else { return }
        weir_ort_release(runtime.table, WEIR_ORT_VALUE, UnsafeMutableRawPointer(made))
        value = nil
    }

    // MARK: scores

    private func readScores(_ value: OpaquePointer?, _ rows: Int, _ firstRow: Int) -> Reading {
        let count = rows * scoreCount
        let target = scores.start + firstRow * scoreCount
        switch scoreForm {
        case .float32:
            if areScoresOurs { return .ok }
            return withTensor(value, count: count) { target.update(from: $0.assumingMemoryBound(to: Float.self), count: count) }
        case .float64:
            if areScoresOurs {
                narrow(wide.start + firstRow * scoreCount, to: target, count)
                return .ok
            }
            return withTensor(value, count: count) { narrow($0.assumingMemoryBound(to: Double.self), to: target, count) }
        case .mapPerRow: return readMaps(value, rows, target)
        default: return .ok
        }
    }

    private func narrow(_ source: UnsafePointer<Double>, to target: UnsafeMutablePointer<Float>, _ count: Int) {
        for index in 0..<count { target[index] = Float(source[index]) }
    }

    /// One map per row. A map's keys are sorted and always the model's classes, so that only its values are read: by `mapOrder`.
    private func readMaps(_ value: OpaquePointer?, _ rows: Int, _ target: UnsafeMutablePointer<Float>) -> Reading {
        var count = 0
        if let status = weir_ort_item_count(runtime.table, value, &count) { return .refused(status) }
        guard count == rows else { return .fault(.unexpectedShape) }
        for row in 0..<rows {
            var map: OpaquePointer?
            if let status = weir_ort_new_item(runtime.table, value, Int32(truncatingIfNeeded: row), allocator, &map) {
                return .refused(status)
            }
            defer { release(&map) }
            var items: OpaquePointer?
            if let status = weir_ort_new_item(runtime.table, map, 1, allocator, &items) { return .refused(status) }
            defer { release(&items) }
            let reading = withTensor(items, count: scoreCount) { bytes in
                let floats = bytes.assumingMemoryBound(to: Float.self)
                for key in 0..<scoreCount { target[row * scoreCount + mapOrder.start[key]] = floats[key] }
            }
            guard case .ok = reading else { return reading }
        }
        return .ok
    }

    // MARK: labels

    /// The class with the highest score: the label when the model has none, else the first guess at it.
    private func likely(_ row: Int) -> Int {
        let start = scores.start + row * scoreCount
        var best = 0
        for index in 1..<max(scoreCount, 1) where start[index] > start[best] { best = index }
        return best
    }

    private func readCodes(_ value: OpaquePointer?, _ rows: Int, _ firstRow: Int) -> Reading {
        let isWide = labelForm == .int64
        guard isLabelOurs else {
            return withTensor(value, count: rows) { decode($0, isWide, rows, firstRow) }
        }
        decode(UnsafeRawPointer(codes.start) + firstRow * (isWide ? 8 : 4), isWide, rows, firstRow)
        return .ok
    }

    private func decode(_ answered: UnsafeRawPointer, _ isWide: Bool, _ rows: Int, _ firstRow: Int) {
        for row in 0..<rows {
            let code =
                isWide
                ? answered.load(fromByteOffset: row * 8, as: Int64.self) : Int64(answered.load(fromByteOffset: row * 4, as: Int32.self))
            labels.start[firstRow + row] = decoder.index(of: code, likely: likely(firstRow + row))
        }
    }

    /// All texts in one call; the runtime would allocate for each one otherwise.
    private func readTexts(_ value: OpaquePointer?, _ rows: Int, _ firstRow: Int) -> Reading {
        var byteCount = 0
        if let status = weir_ort_texts_byte_count(runtime.table, value, &byteCount) { return .refused(status) }
        guard byteCount <= labelBytes.count else { return .fault(.labelTextTooLong) }
        if let status = weir_ort_texts(runtime.table, value, labelBytes.start, byteCount, labelOffsets.start, rows) {
            return .refused(status)
        }
        for row in 0..<rows {
            let start = labelOffsets.start[row]
            let end = row + 1 < rows ? labelOffsets.start[row + 1] : byteCount
            labels.start[firstRow + row] = decoder.index(of: labelBytes.start + start, end - start, likely: likely(firstRow + row))
        }
        return .ok
    }

    // MARK: tensors of the runtime

    /// Calls `body` with the memory of a tensor that the runtime made, when it holds `count` elements.
    @inline(__always)
    private func withTensor(_ value: OpaquePointer?, count: Int, _ body: (UnsafeRawPointer) -> Void) -> Reading {
        var info: OpaquePointer?
        if let status = weir_ort_new_value_info(runtime.table, value, &info) { return .refused(status) }
        defer { weir_ort_release(runtime.table, WEIR_ORT_TENSOR_INFO, UnsafeMutableRawPointer(info)) }
        var rank = 0
        if let status = weir_ort_rank(runtime.table, info, &rank) { return .refused(status) }
        let held = withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(rank, 1)) { dimensions in
            guard weir_ort_dimensions(runtime.table, info, dimensions.baseAddress, rank) == nil else { return Int64(-1) }
            return dimensions.prefix(rank).reduce(1, &*)
        }
        guard held == Int64(count) else { return .fault(.unexpectedShape) }
        var bytes: UnsafeMutableRawPointer?
        if let status = weir_ort_tensor_bytes(runtime.table, value, &bytes) { return .refused(status) }
        guard let bytes else { return .fault(.unexpectedShape) }
        body(bytes)
        return .ok
    }
}
