import Testing

@testable import Gateway

@Suite("the target of a control request") struct ControlTargetTests {
    @Test(
        "a path is taken apart and decoded",
        arguments: [
            ("/", [""]), ("/metrics", ["metrics"]), ("/api/v1/", ["api", "v1", ""]), ("//x", ["", "x"]), ("/a%2Fb/c", ["a/b", "c"]),
            ("/%e2%82%ac", ["€"]), ("/a+b", ["a+b"]), ("", []), ("*", []), ("metrics", []), ("/%", []), ("/%4", []), ("/%zz", []), ("/ok/%ff", []),
            ("/%C0%AF", []),
        ])
    func segments(path: String, expected: [String]) {
        #expect(ControlTarget.segments(of: path[...]) == expected)
    }

    @Test(
        "a query is taken apart and decoded",
        arguments: [
            ("", [] as [String]?), ("a=1", ["a=1"]), ("a=1&b=2&a=3", ["a=1", "b=2", "a=3"]), ("a", ["a="]), ("a=b=c", ["a=b=c"]),
            ("a=x+y%2B", ["a=x y+"]), ("&&", []), ("a=%", nil), ("%ff=1", nil),
        ])
    func parameters(query: String, expected: [String]?) {
        #expect(ControlTarget.parameters(of: query[...])?.map { "\($0.name)=\($0.value)" } == expected)
    }
}
