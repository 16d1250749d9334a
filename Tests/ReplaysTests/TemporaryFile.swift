import Glibc
import Testing

/// Runs `body` with the path of a file that holds `text`, in a folder of its own that is removed afterwards.
@discardableResult
func withTemporaryFile<Value>(_ name: String, _ text: String, _ body: (String) throws -> Value) throws -> Value {
    var template = Array("/tmp/weir-rows-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    let path = folder + "/" + name
    defer {
        unlink(path)
        rmdir(folder)
    }
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    return try body(path)
}
