import Foundation
import Metrics

extension ProcessFigures {
    /// This process now, as `/proc/self` tells (proc(5)).
    static func current(version: String, generation: UInt64, routes: Int, models: Int) -> ProcessFigures {
        let ticks = statistics()
        let cpu = (ticks[11] + ticks[12]) / Double(sysconf(Int32(_SC_CLK_TCK)))
        let pages = fields("/proc/self/statm").dropFirst().first.flatMap { UInt64($0) } ?? 0
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return ProcessFigures(
            version: version, planGeneration: generation, routes: routes, modelsLoaded: models, startTime: startTime, cpuTime: cpu,
            residentBytes: pages * UInt64(sysconf(Int32(_SC_PAGESIZE))), openDescriptors: open)
    }

    /// Seconds since 1970: the boot's time and the ticks from there.
    private static let startTime: Double = {
        let boot = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        let bootTime = boot.flatMap { Double($0.dropFirst(6)) } ?? 0
        return bootTime + statistics()[19] / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    /// The numbers of `/proc/self/stat` from the third field on (user time is the 14th, system time the 15th, the start the 22nd); the name
    /// before them may hold blanks.
    private static func statistics() -> [Double] {
        let afterName = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8))?.split(separator: ")").last ?? ""
        let numbers = afterName.split(separator: " ").map { Double($0) ?? 0 }
        return numbers.count > 19 ? numbers : [Double](repeating: 0, count: 20)
    }

    private static func fields(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ") ?? []
    }
}
