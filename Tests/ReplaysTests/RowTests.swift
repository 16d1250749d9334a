import Testing

@testable import Replays

private func lines(_ text: String) throws(ReplayError) -> [Row] { try lineRows(Array(text.utf8)[...], "rows", "label") }
private func table(_ text: String) throws(ReplayError) -> [Row] { try tableRows(Array(text.utf8)[...], "rows", "label") }
private func row(_ body: String, _ label: String?) -> Row { Row(body: Array(body.utf8), label: label) }

@Suite("Rows of newline-delimited JSON")
struct LineRowTests {
    @Test(
        "go out as they stand, without their label",
        arguments: [
            (#"{"a":1,"b":2.50,"label":"x"}"#, #"{"a":1,"b":2.50}"#, "x"),
            (#"{"label":"x","a":1e3}"#, #"{"a":1e3}"#, "x"),
            (#" { "a" : [1, {"label":2}] , "label" : 7 } "#, #"{"a" : [1, {"label":2}]}"#, "7"),
            (#"{"a":"} , \" {","label":"q\"\u00e9\ud83c\udfac"}"#, #"{"a":"} , \" {"}"#, "q\"é🎬"),
            (#"{"a":1,"a":2}"#, #"{"a":1,"a":2}"#, nil),
            (#"{"a":NaN,"label":null}"#, #"{"a":NaN}"#, nil),
            (#"{"label":true}"#, "{}", "true"),
            ("{}", "{}", nil),
        ] as [(String, String, String?)])
    func bodies(_ text: String, body: String, label: String?) throws {
        #expect(try lines(text) == [row(body, label)])
    }

    @Test("empty lines and carriage returns do not count, a missing last line feed does not matter")
    func lineEnds() throws {
        #expect(try lines("\r\n{\"a\":1}\r\n\n{\"a\":2}") == [row(#"{"a":1}"#, nil), row(#"{"a":2}"#, nil)])
    }

    @Test(
        "a line that is no object is named with its place",
        arguments: [
            ("[1]", "not a JSON object at byte 1"),
            (#"{"a":1"#, "the object is not closed at byte 7"),
            (#"{"a":}"#, "a value is missing at byte 6"),
            (#"{"a" 1}"#, "':' is missing at byte 6"),
            (#"{"a":1 "b":2}"#, "',' or '}' is missing at byte 8"),
            (#"{a:1}"#, "a key is missing at byte 2"),
            (#"{"a":"b\"}"#, "a string is not closed at byte 11"),
            (#"{"a":1}{}"#, "something follows the object at byte 8"),
        ])
    func faults(_ text: String, reason: String) {
        #expect(throws: ReplayError.badRow(file: "rows", line: 2, reason: reason)) { try lines("{}\n" + text) }
    }

    @Test("a row above its bound is refused")
    func bound() {
        let reason = "\(Limits.rowBytes + 8) bytes, \(Limits.rowBytes) at most"
        #expect(throws: ReplayError.badRow(file: "rows", line: 1, reason: reason)) {
            try lines(#"{"a":""# + String(repeating: "x", count: Limits.rowBytes) + #""}"#)
        }
    }
}

@Suite("Rows of comma-separated values")
struct TableRowTests {
    @Test(
        "cells become numbers, booleans, null and text",
        arguments: [
            ("1,x", #"{"a":1}"#, "x"),
            ("-2.50e+3,x", #"{"a":-2.50e+3}"#, "x"),
            ("007,", #"{"a":"007"}"#, nil),
            (".5,7", #"{"a":".5"}"#, "7"),
            ("nan,x", #"{"a":"nan"}"#, "x"),
            (",x", #"{"a":null}"#, "x"),
            ("True,x", #"{"a":true}"#, "x"),
            ("\"1\",x", #"{"a":"1"}"#, "x"),
            ("\"say \"\"a,\nb\"\"\",\"x,y\"", #"{"a":"say \"a,\u000ab\""}"#, "x,y"),
            ("a\\b,x", #"{"a":"a\\b"}"#, "x"),
        ] as [(String, String, String?)])
    func cells(_ text: String, body: String, label: String?) throws {
        #expect(try table("a,label\n" + text) == [row(body, label)])
        #expect(try table("a,label\r\n" + text + "\r\n\r\n") == [row(body, label)])
    }

    @Test("columns keep their order around the label")
    func order() throws {
        #expect(try table("a,label,b\n1,x,2\n3,y,4\n") == [row(#"{"a":1,"b":2}"#, "x"), row(#"{"a":3,"b":4}"#, "y")])
    }

    @Test(
        "a broken table is named with its line",
        arguments: [
            ("a,b\n1,2\n3\n", 3, "1 cells, but the header names 2"),
            ("a,b\n\"1\n2\",2\n3,4,5\n", 4, "3 cells, but the header names 2"),
            ("a,b\n1,\"2\n3", 2, "a quoted cell is not closed"),
            ("a,b\n\"1\"2,3", 2, "something follows a closing quote"),
        ])
    func faults(_ text: String, line: Int, reason: String) {
        #expect(throws: ReplayError.badRow(file: "rows", line: line, reason: reason)) { try table(text) }
    }
}

@Suite("Files of rows")
struct RowFileTests {
    @Test("the name's ending decides the format, and a byte order mark is skipped")
    func formats() throws {
        let table = try withTemporaryFile("rows.csv", "\u{feff}a,label\n1,x\n") { try readRows($0, label: "label") }
        #expect(table == [row(#"{"a":1}"#, "x")])
        let lines = try withTemporaryFile("rows.json", "\u{feff}{\"a\":1}") { try readRows($0, label: "label") }
        #expect(lines == [row(#"{"a":1}"#, nil)])
    }

    @Test("another member can be the label")
    func label() throws {
        let rows = try withTemporaryFile("rows.ndjson", #"{"a":1,"genre":"x","label":"y"}"#) { try readRows($0, label: "genre") }
        #expect(rows == [row(#"{"a":1,"label":"y"}"#, "x")])
    }

    @Test("a file without rows and no file are errors")
    func nothing() throws {
        try withTemporaryFile("rows.csv", "a,label\n") { path in
            #expect(throws: ReplayError.noRows(file: path)) { try readRows(path, label: "label") }
        }
        #expect(throws: ReplayError.unreadable(file: "/nowhere/rows", reason: "No such file or directory")) {
            try readRows("/nowhere/rows", label: "label")
        }
        #expect(throws: ReplayError.unreadable(file: "/tmp", reason: "Is a directory")) { try readRows("/tmp", label: "label") }
    }
}
