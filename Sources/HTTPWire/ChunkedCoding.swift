/// The chunked transfer coding (RFC 9112 section 7.1), read byte by byte around the data; keeps no bytes.
///
/// Stricter than it must be: a chunk extension needs its semicolon, every line ends in CRLF, and extensions and trailers are bounded.
/// Extensions are ignored; trailer fields are checked for their form and dropped, because nobody here reads one.
struct ChunkedCoding {
    enum Event {
        /// Everything was looked at.
        case more
        /// The next bytes, this many, are data. The caller moves past them.
        case data(Int)
        /// The body is over.
        case end
        case fault(WireFault)
    }

    private enum State: UInt8 {
        case sizeFirst, size, blank, extensions, lineFeed
        case data, dataReturn, dataLineFeed
        case trailerFirst, trailerName, trailerValue, trailerLineFeed, lastLineFeed
    }

    private var state = State.sizeFirst
    /// The size being read, then the data still to come.
    private var size: UInt64 = 0
    private var lineBytes: Int32 = 0
    private var extensionBytes: Int32 = 0
    private var trailerBytes: Int32 = 0

    /// Reads on from `at`, which is moved past all that was framing.
    mutating func next(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ limits: UnsafePointer<WireLimits>) -> Event {
        while at < count {
            if state == .data {
                let piece = Int(min(size, UInt64(count - at)))
                size -= UInt64(piece)
                if size == 0 { state = .dataReturn }
                return .data(piece)
            }
            let byte = bytes[at]
            at += 1
            if state == .lastLineFeed { return byte == Byte.lineFeed ? .end : .fault(.lineEndMalformed) }
            if let fault = take(byte, limits) { return .fault(fault) }
        }
        return .more
    }

    /// One byte that is not data.
    @inline(__always)
    private mutating func take(_ byte: UInt8, _ limits: UnsafePointer<WireLimits>) -> WireFault? {
        switch state {
        case .sizeFirst, .size, .blank, .extensions, .lineFeed: takeLine(byte, limits)
        case .dataReturn: expect(Byte.carriageReturn, byte, then: .dataLineFeed)
        case .dataLineFeed: expect(Byte.lineFeed, byte, then: .sizeFirst)
        default: takeTrailer(byte, limits)
        }
    }

    private mutating func expect(_ wanted: UInt8, _ byte: UInt8, then next: State) -> WireFault? {
        guard byte == wanted else { return .chunkEndMissing }
        state = next
        lineBytes = 0
        size = 0
        return nil
    }

    /// `chunk-size [ chunk-ext ] CRLF`.
    private mutating func takeLine(_ byte: UInt8, _ limits: UnsafePointer<WireLimits>) -> WireFault? {
        lineBytes += 1
        if lineBytes > Int32(clamping: limits.pointee.chunkLineBytes) { return .chunkLineTooLong }
        switch state {
        case .sizeFirst, .size: return takeSize(byte)
        case .lineFeed: return endLine(byte)
        default: return takeExtension(byte, limits)
        }
    }

    private mutating func takeSize(_ byte: UInt8) -> WireFault? {
        if let digit = ByteScan.hexadecimal(byte) {
            // Four more bits must leave it below 2^63.
            if size >> 59 != 0 { return .chunkSizeTooLarge }
            size = size << 4 | UInt64(digit)
            state = .size
            return nil
        }
        if state == .sizeFirst { return .chunkLineMalformed }
        switch byte {
        case Byte.carriageReturn: state = .lineFeed
        case Byte.semicolon: state = .extensions
        case Byte.space, Byte.tab: state = .blank
        default: return .chunkLineMalformed
        }
        return nil
    }

    /// Blanks may stand before a semicolon (RFC 9112 section 7.1.1), but not instead of one.
    private mutating func takeExtension(_ byte: UInt8, _ limits: UnsafePointer<WireLimits>) -> WireFault? {
        extensionBytes += 1
        if extensionBytes > Int32(clamping: limits.pointee.chunkExtensionBytes) { return .chunkExtensionsTooLarge }
        if state == .blank {
            if Byte.isBlank(byte) { return nil }
            state = .extensions
            return byte == Byte.semicolon ? nil : .chunkLineMalformed
        }
        if byte == Byte.carriageReturn {
            state = .lineFeed
            return nil
        }
        return isText(byte) ? nil : .chunkLineMalformed
    }

    private mutating func endLine(_ byte: UInt8) -> WireFault? {
        guard byte == Byte.lineFeed else { return .chunkLineMalformed }
        state = size == 0 ? .trailerFirst : .data
        return nil
    }

    /// `*( field-line CRLF ) CRLF`.
    private mutating func takeTrailer(_ byte: UInt8, _ limits: UnsafePointer<WireLimits>) -> WireFault? {
        trailerBytes += 1
        if trailerBytes > Int32(clamping: limits.pointee.trailerBytes) { return .trailersTooLarge }
        switch state {
        case .trailerFirst:
            if byte == Byte.carriageReturn {
                state = .lastLineFeed
                return nil
            }
            guard ByteScan.isToken(byte) else { return .trailerMalformed }
            state = .trailerName
        case .trailerName:
            if byte == Byte.colon {
                state = .trailerValue
            } else if !ByteScan.isToken(byte) {
                return .trailerMalformed
            }
        case .trailerValue:
            if byte == Byte.carriageReturn {
                state = .trailerLineFeed
            } else if !isText(byte) {
                return .trailerMalformed
            }
        default:
            guard byte == Byte.lineFeed else { return .trailerMalformed }
            state = .trailerFirst
        }
        return nil
    }

    private func isText(_ byte: UInt8) -> Bool { byte >= Byte.space && byte != Byte.delete || byte == Byte.tab }
}
