"""Raw clients. They hold the socket, the TLS records and the frames in their own hands, so that they can do what no
well-behaved client does: send half a record, a FIN without close_notify, a frame that is not allowed, or read nothing.
"""

import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass

import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame,
)

PATIENCE = 5.0
"""Seconds that a client waits for what must come."""


class Closed(Exception):
    """The server closed the connection, by FIN, by reset, or by a TLS alert."""


def tls_context(certs, alpn=("http/1.1",), lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context(cafile=str(certs / "ca.pem"))
    context.minimum_version, context.maximum_version = lowest, highest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def tcp(port, buffers=None):
    """A connection. `buffers`: bytes that the kernel may hold for us in each direction, so that a deaf client is soon noticed."""
    sock = socket.socket()
    if buffers:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
    sock.settimeout(PATIENCE)
    sock.connect(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class TLSPeer:
    """A TLS client over memory buffers: every byte on the socket is sent on purpose."""

    def __init__(self, gateway, alpn=("http/1.1",), context=None, session=None, buffers=None, port=None):
        self.sock = tcp(port or gateway.port, buffers)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = context or tls_context(gateway.certs, alpn)
        self.tls = context.wrap_bio(self._in, self._out, server_hostname="localhost", session=session)
        self._repeat(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def records(self, data):
        """The ciphertext of `data`, not yet sent."""
        self.tls.write(data)
        return self._out.read()

    def send(self, data):
        self.send_raw(self.records(data))

    def send_raw(self, data):
        try:
            self.sock.sendall(data)
        except (ConnectionError, BrokenPipeError) as error:
            raise Closed(str(error)) from error

    def fin(self):
        """Ends our direction on TCP alone, without close_notify."""
        self.sock.shutdown(socket.SHUT_WR)

    def close_notify(self):
        """Ends our direction in TLS and waits for the server's own end; Closed if it leaves without one."""
        self._repeat(self.tls.unwrap)

    def reset(self):
        """Closes with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def receive(self, size=65536, timeout=PATIENCE):
        """The next plain bytes; b"" at the orderly end. Raises TimeoutError or Closed."""
        return self._repeat(lambda: self.tls.read(size), timeout, at_end=b"")

    def rest(self, timeout=PATIENCE):
        """All that the server still says before it closes; TimeoutError if it does not close."""
        deadline, said = time.monotonic() + timeout, b""
        try:
            while piece := self.receive(timeout=max(0.001, deadline - time.monotonic())):
                said += piece
        except Closed:
            pass
        return said

    def is_open(self, within=0.05):
        try:
            return self.receive(timeout=within) != b""
        except TimeoutError:
            return True
        except Closed:
            return False

    def _repeat(self, step, timeout=PATIENCE, at_end=None):
        deadline = time.monotonic() + timeout
        while True:
            try:
                result = step()
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                self._flush()
                if at_end is not None and "EOF" in str(error):
                    return at_end
                raise Closed(str(error)) from error
            self.sock.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self.sock.recv(65536)
            except ConnectionError as error:
                raise Closed(str(error)) from error
            if data:
                self._in.write(data)
            else:
                self._in.write_eof()

    def _flush(self):
        if data := self._out.read():
            try:
                self.sock.sendall(data)
            except OSError:
                pass


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes = b""
    reset: int | None = None


class H1Peer(TLSPeer):
    """HTTP/1.1, one request or many, byte by byte if wanted."""

    def __init__(self, gateway, **options):
        super().__init__(gateway, alpn=("http/1.1",), **options)
        self._buffer = b""

    def answer(self, head=False, timeout=PATIENCE):
        """The next answer. `head`: it answers a HEAD, so that no body follows. An interim answer is one too."""
        while b"\r\n\r\n" not in self._buffer:
            self._more(timeout)
        text, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *lines = text.decode("latin-1").split("\r\n")
        version, status, _ = (first + " ").split(" ", 2)
        assert version == "HTTP/1.1", first
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        assert len(headers) == len(lines), f"a field came twice: {lines}"
        length = 0 if head or int(status) < 200 or status == "204" else int(headers["content-length"])
        while len(self._buffer) < length:
            self._more(timeout)
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Answer(int(status), headers, body)

    def last_answer(self, timeout=PATIENCE):
        """The next answer, after which the server must close without another word."""
        answer = self.answer(timeout=timeout)
        said = self._buffer + self.rest(timeout)
        assert said == b"", f"after the last answer came {said[:200]}"
        return answer

    def _more(self, timeout):
        data = self.receive(timeout=timeout)
        if not data:
            raise Closed("no answer before the end")
        self._buffer += data


def request(method="POST", path="/v1/probe", body=b"", token=None, fields=(), host="localhost", version="HTTP/1.1", length=True):
    """An HTTP/1.1 request as bytes. `fields`: lines to add as they are."""
    lines = [f"{method} {path} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if length and (body or method == "POST"):
        lines.append(f"Content-Length: {len(body)}")
    lines += fields
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class H2Peer(TLSPeer):
    """HTTP/2 frame by frame. It reads and grants credit only when asked to."""

    def __init__(self, gateway, settings=None, **options):
        super().__init__(gateway, alpn=("h2",), **options)
        assert self.tls.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.decoder.max_header_list_size = 1 << 20
        self.settings, self._buffer, self._stream = {}, b"", -1
        self._queue, self._credit, self._goodbye = [], {0: 65535}, None
        self.gateway = gateway
        self.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0, settings=settings or {}).serialize())

    def frames(self, *frames):
        self.send(b"".join(frame.serialize() for frame in frames))

    def new_stream(self):
        self._stream += 2
        return self._stream

    def fields(self, path="/v1/probe", method="POST", extra=()):
        return [
            (":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path),
            ("authorization", f"Bearer {self.gateway.token}"), *extra,
        ]

    def head_frame(self, stream, end=True, fields=None, flags=("END_HEADERS",), **options):
        block = self.encoder.encode(fields if fields is not None else self.fields(**options))
        return HeadersFrame(stream, data=block, flags=[*flags, "END_STREAM"] if end else list(flags))

    def ask(self, body=b"", **options):
        """Sends a whole request on a new stream and returns the stream's number."""
        stream = self.new_stream()
        frames = [self.head_frame(stream, end=not body, **options)]
        if body:
            frames.append(DataFrame(stream, data=body, flags=["END_STREAM"]))
        self.frames(*frames)
        return stream

    def next_frame(self, timeout=PATIENCE):
        """The next frame; settings, pings and credit of the server are noted, the first two acknowledged."""
        return self._queue.pop(0) if self._queue else self._read_frame(timeout)

    def _read_frame(self, timeout=PATIENCE):
        while True:
            if len(self._buffer) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self._buffer[:9]))
                if len(self._buffer) >= 9 + length:
                    frame.parse_body(memoryview(self._buffer[9:9 + length]))
                    self._buffer = self._buffer[9 + length:]
                    self._note(frame)
                    return frame
            data = self.receive(timeout=timeout)
            if not data:
                raise Closed("the connection ended")
            self._buffer += data

    def _note(self, frame):
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.settings.update(frame.settings)
            self.frames(SettingsFrame(0, flags=["ACK"]))
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            self.frames(PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"]))
        elif isinstance(frame, WindowUpdateFrame):
            self._credit[frame.stream_id] = self._credit.get(frame.stream_id, 0) + frame.window_increment
        elif isinstance(frame, GoAwayFrame):
            self._goodbye = frame.error_code
        elif isinstance(frame, HeadersFrame):
            frame.fields = dict(self.decoder.decode(frame.data))  # all of them, in order: the table of HPACK is shared

    def upload(self, stream, data, end=True):
        """Sends a body as the server grants credit; stops early when the stream was answered. Returns the bytes sent."""
        while not self.settings:
            self._queue.append(self._read_frame())
        granted = self.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, 65535)
        sent = 0
        while sent < len(data):
            size = min(16384, len(data) - sent, self._credit[0], granted + self._credit.get(stream, 0) - sent)
            if size > 0:
                last = end and sent + size == len(data)
                self.frames(DataFrame(stream, data=data[sent:sent + size], flags=["END_STREAM"] if last else []))
                self._credit[0] -= size
                sent += size
            else:
                frame = self._read_frame()
                self._queue.append(frame)
                if frame.stream_id == stream and isinstance(frame, (HeadersFrame, RstStreamFrame)):
                    return sent
        return sent

    def answers(self, *streams, credit=True, timeout=PATIENCE):
        """The answers of these streams, each once it ended or was reset, in the order in which their heads came."""
        found, open_streams = {}, set(streams)
        while open_streams:
            frame = self.next_frame(timeout)
            if isinstance(frame, GoAwayFrame) and frame.error_code:
                raise Closed(f"GOAWAY {frame.error_code}")
            if frame.stream_id not in streams or isinstance(frame, WindowUpdateFrame):
                continue
            answer = found.setdefault(frame.stream_id, Answer(0, {}))
            if isinstance(frame, HeadersFrame):
                answer.status = int(frame.fields.pop(":status"))
                answer.headers = frame.fields
            elif isinstance(frame, DataFrame):
                answer.body += frame.data
                if credit and frame.flow_controlled_length:
                    self.frames(*(WindowUpdateFrame(s, window_increment=frame.flow_controlled_length) for s in (0, frame.stream_id)))
            elif isinstance(frame, RstStreamFrame):
                answer.reset = frame.error_code
            if isinstance(frame, RstStreamFrame) or "END_STREAM" in frame.flags and answer.status >= 200:
                open_streams.discard(frame.stream_id)
        return found

    def answer(self, stream, **options):
        return self.answers(stream, **options)[stream]

    @property
    def is_dismissed(self):
        """Whether a GOAWAY was read: no new stream is welcome here."""
        return self._goodbye is not None

    def goaway(self, timeout=PATIENCE):
        """Reads until the server gives up on this connection: the error code of its last GOAWAY, or None if it just closed."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self.next_frame(max(0.001, deadline - time.monotonic()))
        except Closed:
            return self._goodbye

    def ping(self, data=b"are you?", timeout=PATIENCE):
        """Sends a PING and reads until its answer: whatever was sent before was taken note of. Other frames are kept for later."""
        self.frames(PingFrame(0, opaque_data=data))
        while True:
            frame = self._read_frame(timeout)
            if isinstance(frame, PingFrame) and "ACK" in frame.flags and frame.opaque_data == data:
                return
            self._queue.append(frame)


def is_readable(sock, within):
    """True if the socket has bytes, or its end, within that many seconds."""
    return bool(select.select([sock], [], [], within)[0])


def split_block(stream, block, pieces, end=True):
    """A header block as one HEADERS and `pieces` CONTINUATION frames."""
    size = max(1, len(block) // (pieces + 1))
    parts = [block[i * size:(i + 1) * size] for i in range(pieces)] + [block[pieces * size:]]
    frames = [HeadersFrame(stream, data=parts[0], flags=["END_STREAM"] if end else [])]
    frames += [ContinuationFrame(stream, data=part) for part in parts[1:]]
    frames[-1].flags.add("END_HEADERS")
    return frames
