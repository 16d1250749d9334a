import Testing

@testable import Routing

@Suite struct CookieTests {
    static let cases: [(header: String, value: String?)] = [
        ("sid=abc", "abc"),
        ("a=1; sid=abc; b=2", "abc"),
        ("a=1;sid=abc;b=2", "abc"),
        (" \tsid = abc \t; b=2", "abc"),
        ("sid=\"abc\"", "abc"),
        ("sid=\"\"", ""),
        ("sid=", ""),
        ("sid=;a=1", ""),
        ("sid=a=b==", "a=b=="),
        ("sid=first; sid=second", "first"),
        ("sid=\"abc", "\"abc"),
        ("sid=\"", "\""),
        ("sid=a\"b", "a\"b"),
        ("xsid=1; sid2=2; s=3", nil),
        ("SID=1", nil),
        ("sid", nil),
        ("sid; a=sid", nil),
        ("a=sid=1", nil),
        ("a=\"x; sid=inner\"", "inner\""),
        ("", nil),
        (";;;", nil),
        ("=sid", nil),
        (";;sid=1;;", "1"),
    ]

    @Test("finds the value of sid at strict boundaries", arguments: cases)
    func finds(_ header: String, _ value: String?) {
        let bytes = Array(header.utf8)
        let range = Cookie.value(named: "sid".utf8.span.bytes, in: bytes.span.bytes)
        #expect(range.map { String(decoding: bytes[$0], as: UTF8.self) } == value)
    }

    @Test("a unit is absent, fits, or is too long", arguments: [(0, UnitFit.absent), (1, .fits), (256, .fits), (257, .tooLong)])
    func fits(_ count: Int, _ fit: UnitFit) {
        #expect(UnitFit(byteCount: count) == fit)
    }
}
