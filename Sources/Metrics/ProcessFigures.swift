/// What the process as a whole is at the moment of a scrape; measured by whoever answers it.
package struct ProcessFigures: Equatable, Sendable {
    package var version: String
    package var planGeneration: UInt64
    package var routes: Int
    package var modelsLoaded: Int
    /// Seconds since 1970.
    package var startTime: Double
    /// Seconds of CPU, user and system.
    package var cpuTime: Double
    package var residentBytes: UInt64
    package var openDescriptors: Int

    package init(
        version: String, planGeneration: UInt64, routes: Int, modelsLoaded: Int, startTime: Double, cpuTime: Double,
        residentBytes: UInt64, openDescriptors: Int
    ) {
        self.version = version
        self.planGeneration = planGeneration
        self.routes = routes
        self.modelsLoaded = modelsLoaded
        self.startTime = startTime
        self.cpuTime = cpuTime
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
    }
}
