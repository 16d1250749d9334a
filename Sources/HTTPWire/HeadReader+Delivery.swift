extension HeadReader {
    /// Tells a complete head to the exchange that was opened for it.
    @inline(__always)
    func deliver(to exchange: WireSink.Exchange, _ sink: UnsafePointer<WireSink>) {
        let field = sink.pointee.field
        func tell(_ name: FieldName, _ text: StaticString, _ value: UnsafePointer<UInt8>, _ count: Int) {
            field(exchange, name.rawValue, text.utf8Start, text.utf8CodeUnitCount, value, count)
        }
        tell(.method, ":method", bytes, line.method.count)
        if line.pathIsImplied {
            let path: StaticString = line.method == .options ? "*" : "/"
            tell(.path, ":path", path.utf8Start, 1)
        } else {
            tell(.path, ":path", bytes + line.path.start, line.path.count)
        }
        if line.scheme != .none {
            let scheme: StaticString = line.scheme == .https ? "https" : "http"
            tell(.scheme, ":scheme", scheme.utf8Start, scheme.utf8CodeUnitCount)
        }
        if let authority = line.scheme == .none ? framing.host : line.authority {
            tell(.authority, ":authority", bytes + authority.start, authority.count)
        }
        var name = names
        for index in 0..<noted {
            let slice = fields[index]
            let nameCount = Int(slice.nameCount)
            field(exchange, slice.name.rawValue, name, nameCount, bytes + Int(slice.valueStart), Int(slice.valueCount))
            name += nameCount
        }
    }
}
