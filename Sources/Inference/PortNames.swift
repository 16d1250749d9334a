import Glibc

/// The names of inputs and outputs as the runtime takes them in each call: lists of C strings.
struct PortNames: ~Copyable {
    private let list: Memory<UnsafePointer<CChar>?>
    private let inputCount: Int

    var inputs: UnsafePointer<UnsafePointer<CChar>?> { UnsafePointer(list.start) }
    var outputs: UnsafePointer<UnsafePointer<CChar>?> { UnsafePointer(list.start + inputCount) }

    init(inputs: [Port], outputs: [Port]) {
        list = Memory(inputs.count + outputs.count)
        inputCount = inputs.count
        for (index, port) in (inputs + outputs).enumerated() { list.start[index] = UnsafePointer(strdup(port.name)) }
    }

    deinit {
        for index in 0..<list.count { free(UnsafeMutablePointer(mutating: list.start[index])) }
    }
}
