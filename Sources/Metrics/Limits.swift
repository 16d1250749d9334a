/// Every bound of this target: what it is, in which unit, why, and what happens past it.
package enum Limits {
    /// Names (routes, and route + variant pairs) that keep cells of their own, in names.
    ///
    /// Cells survive reloads, so a folder that is renamed for ever would grow the registry for ever. Names past the limit share
    /// the cells named ``sharedName``: nothing is lost from the sums, only the names.
    package static let namedCells = 65_536

    /// The label that stands for all names past ``namedCells``. No route or variant can be called so: names hold no asterisk.
    package static let sharedName = "*"

    /// Reactors that one set of cells serves, in threads: far above the cores of any machine, low enough that sizes cannot overflow.
    /// More is a fault of the program and stops it.
    package static let reactors = 1_024
}
