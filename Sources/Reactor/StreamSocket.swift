import CLinux

/// What one read or write on a non-blocking socket came to. The errno policy of the data path in one place: EINTR is tried again,
/// EAGAIN is `wouldBlock`, everything else means that the peer is gone.
public enum SocketResult {
    case bytes(Int)
    case wouldBlock
    case ended
}

/// Reads and writes on a connected, non-blocking TCP socket.
public enum StreamSocket {
    /// Reads at most `capacity` bytes. `ended`: the peer closed its side, or the connection broke.
    public static func receive(_ number: Int32, into buffer: UnsafeMutablePointer<UInt8>, capacity: Int) -> SocketResult {
        while true {
            let count = recv(number, buffer, capacity, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch weir_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .ended
            }
        }
    }

    /// Writes what the kernel takes of `count` bytes. Never raises SIGPIPE.
    public static func send(_ number: Int32, _ bytes: UnsafePointer<UInt8>, count: Int) -> SocketResult {
        while true {
            let written = CLinux.send(number, bytes, count, Int32(MSG_NOSIGNAL))
            if written >= 0 { return .bytes(written) }
            switch weir_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .ended
            }
        }
    }

    /// Sends small answers at once instead of waiting for more (Nagle's algorithm off).
    package static func sendAtOnce(_ number: Int32) {
        var on: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the peer is on this machine and came by its loopback address.
    package static func hasLoopbackPeer(_ number: Int32) -> Bool { weir_has_loopback_peer(number) }

    /// Ends our sending side; the peer can still send.
    package static func endSending(_ number: Int32) {
        _ = shutdown(number, Int32(SHUT_WR))
    }

    /// Makes `close` send a reset instead of waiting for a peer that does not read.
    package static func resetOnClose(_ number: Int32) {
        var linger = CLinux.linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<CLinux.linger>.size))
    }
}
