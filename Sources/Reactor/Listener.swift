import CLinux

/// A listening TCP socket, shared by the reactors that accept from it.
package final class Listener: Sendable {
    /// What one accept came to.
    package enum Accepted {
        case connection(Int32)
        case none
        /// The process or the system has no descriptor left: stop accepting until one is closed.
        case exhausted
    }

    /// The socket's number, for a poller.
    package let number: Int32
    /// The port in use: the chosen one when 0 was asked for.
    package let port: UInt16
    /// The address as given, without the port.
    package let host: String

    /// Connections that wait in the kernel before they are accepted.
    package static let backlog: Int32 = 4_096

    /// Binds and listens. `address` is `host:port` or `[v6]:port`; port 0 lets the kernel choose.
    package init(address: String) throws(SystemError) {
        guard let colon = address.lastIndex(of: ":"), let asked = UInt16(address[address.index(after: colon)...]) else {
            throw SystemError("listen on \(address): not HOST:PORT", code: EINVAL)
        }
        host = Self.host(of: address)
        number = try Self.open(host, asked)
        port = weir_local_port(number)
    }

    /// The address without its port, and without the brackets of one of IPv6; an empty one is every address.
    package static func host(of address: String) -> String {
        var host = address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? "0.0.0.0" : host
    }

    /// Takes over a listening socket that another process opened. `host` is the address as it was given there.
    package init(adopting number: Int32, host: String) throws(SystemError) {
        let port = weir_local_port(number)
        guard port != 0 else { throw SystemError("adopt the listening socket of \(host)", code: EBADF) }
        self.number = number
        self.host = host
        self.port = port
    }

    deinit {
        _ = close(number)
    }

    /// Takes one waiting connection: non-blocking, closed on exec.
    package func accept() -> Accepted {
        while true {
            let connection = weir_accept(number)
            if connection >= 0 { return .connection(connection) }
            switch weir_errno() {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EMFILE, ENFILE, ENOMEM, ENOBUFS: return .exhausted
            default: return .none
            }
        }
    }

    /// Whether only programs on this machine can connect.
    package var isOnLoopback: Bool { weir_is_bound_to_loopback(number) }

    /// Stops listening, for every process that has this socket: connections that were not accepted are reset, new ones refused. The socket's
    /// number stays taken until the end.
    package func refuse() {
        _ = shutdown(number, Int32(SHUT_RDWR))
    }

    private static func open(_ host: String, _ port: UInt16) throws(SystemError) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw SystemError("listen on \(host): no such address", code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(found) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(first.pointee.ai_family, type, 0)
        guard number >= 0 else { throw SystemError("socket") }
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard weir_bind(number, first) == 0, listen(number, backlog) == 0 else {
            let error = SystemError("listen on \(host):\(port)")
            close(number)
            throw error
        }
        return number
    }
}
