extension PredictionID {
    /// Why a text is not one of our prediction ids.
    public enum Fault: Error, Equatable {
        /// Not 88 characters.
        case length(Int)
        /// A character outside Base64URL, at this offset.
        case alphabet(offset: Int)
        /// A format that this code does not read.
        case version(UInt8)
        /// Signed by a key that is not, or no longer, known: foreign, or older than every outcome window.
        case key(UInt8)
        /// Forged or damaged: the signature is of something else.
        case signature
        /// Signed by us, yet the reason is none that this code knows: a newer build wrote it.
        case reason(UInt8)
    }

    /// Reads the text of an id and checks its signature; nothing of an id can be trusted before that.
    ///
    /// Signatures are compared in constant time. Allocates nothing.
    /// - Parameter keys: the keys that may have signed it.
    public static func verify(_ text: RawSpan, keys: Span<PredictionKey>) -> Result<PredictionID, Fault> {
        guard text.byteCount == textCount else { return .failure(.length(text.byteCount)) }
        var storage = InlineArray<66, UInt8>(repeating: 0)
        var room = storage.mutableSpan
        do throws(Base64URL.Fault) {
            // The bytes of a span of UInt8 may be written as any bytes.
            var bytes = unsafe room.mutableBytes
            _ = try Base64URL.decode(text, into: &bytes)
        } catch {
            // The length is right and 66 bytes fill it, so only the alphabet is left to be wrong.
            guard case .alphabet(let offset) = error else { return .failure(.length(text.byteCount)) }
            return .failure(.alphabet(offset: offset))
        }
        return verify(bytes: unsafe storage.span.bytes, keys: keys)
    }

    private static func verify(bytes: RawSpan, keys: Span<PredictionKey>) -> Result<PredictionID, Fault> {
        let body = Body(bytes: bytes)
        guard body.version == version else { return .failure(.version(body.version)) }
        guard let secret = secret(body.key, in: keys) else { return .failure(.key(body.key)) }
        let tag = SipHash.Tag(low: bytes.word(at: Body.byteCount), high: bytes.word(at: Body.byteCount + 8))
        guard body.tag(under: secret).isSame(as: tag) else { return .failure(.signature) }
        guard let reason = ServedReason(rawValue: body.reason) else { return .failure(.reason(body.reason)) }
        return .success(body.fields(reason: reason))
    }

    private static func secret(_ id: UInt8, in keys: Span<PredictionKey>) -> SipHash.Key? {
        for index in keys.indices where keys[index].id == id { return keys[index].secret }
        return nil
    }
}
