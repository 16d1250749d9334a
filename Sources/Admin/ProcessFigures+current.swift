import Foundation
import Metrics

extension ProcessFigures {
    /// This process now, as `/proc/self` tells (proc(5)).
    static func current(version: String, generation: UInt64, routes: Int, models: Int) -> ProcessFigures {
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        let pages = fields("/proc/self/statm").dropFirst().first.flatMap { UInt64($0) } ?? 0
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return ProcessFigures(
            version: version, planGeneration: generation, routes: routes, modelsLoaded: models, startTime: startTime, cpuTime: cpu,
            residentBytes: pages * UInt64(sysconf(Int32(_SC_PAGESIZE))), openDescriptors: open)
    }

    /// Seconds since 1970: the boot's time and the ticks from there, which stand in the 22nd field of stat.
    private static let startTime: Double = {
        let afterName = fields("/proc/self/stat").drop { !$0.hasSuffix(")") }.dropFirst()
        let ticks = afterName.dropFirst(19).first.flatMap { Double($0) } ?? 0
        let boot = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        let bootTime = boot.flatMap { Double($0.dropFirst(6)) } ?? 0
        return bootTime + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    private static func fields(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ") ?? []
    }
}
