/// The version of this program: in `weir --version`, and wherever it names itself.
enum Version {
    static let text = "0.1.0"
}
