import Foundation

/// Finds members that come twice in one object. Parsers differ about which of them counts, so what moves traffic must not depend on it.
enum RepeatedMember {
    /// The name of the first member that its object has twice; nil when there is none.
    ///
    /// - Parameter json: a valid JSON text.
    static func first(in json: [UInt8]) -> String? {
        // One entry for each open object or list; a list has no names.
        var open: [Set<String>?] = []
        var isName = false
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "{"):
                open.append([])
                isName = true
            case UInt8(ascii: "["):
                open.append(nil)
                isName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: ","): isName = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: ":"): isName = false
            case UInt8(ascii: "\""):
                let end = stringEnd(json, from: index)
                if isName, let names = open.indices.last {
                    let name = text(json[index..<end])
                    if open[names]?.insert(name).inserted == false { return name }
                }
                index = end
                continue
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Behind the quote that ends the string which begins at `start`.
    private static func stringEnd(_ json: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < json.count, json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(index + 1, json.count)
    }

    /// A string without quotes and escapes.
    private static func text(_ quoted: ArraySlice<UInt8>) -> String {
        (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? String(decoding: quoted, as: UTF8.self)
    }
}
