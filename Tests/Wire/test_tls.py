"""TLS by hand: versions, ciphers, ALPN, tickets, and what goes wrong in the middle of it."""

import ssl
import subprocess
import warnings

import pytest

from gateway import eventually
from peers import Closed, H1Peer, TLSPeer, request, tcp, tls_context

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def health(peer):
    peer.send(request("GET", "/healthz"))
    assert b"200" in peer.receive().split(b"\r\n")[0]


@pytest.mark.parametrize("version", [V12, V13])
def test_versions_served(gateway, version):
    with TLSPeer(gateway, context=tls_context(gateway.certs, lowest=version, highest=version)) as peer:
        health(peer)
        assert peer.tls.version() == version.name.replace("_", ".")


def test_tls_1_1_is_refused(gateway):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = tls_context(gateway.certs, lowest=ssl.TLSVersion.TLSv1, highest=ssl.TLSVersion.TLSv1_1)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with pytest.raises(Closed, match="(?i)protocol"):
            TLSPeer(gateway, context=context)
    assert gateway.is_well()


WEAK = ["AES128-GCM-SHA256", "AES256-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "NULL-SHA256", "AECDH-AES128-SHA"]


@pytest.mark.parametrize("cipher", WEAK)
def test_weak_ciphers_are_refused(gateway, cipher):
    """No forward secrecy, CBC, no encryption, no authentication."""
    context = tls_context(gateway.certs, highest=V12)
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with pytest.raises(Closed, match="(?i)handshake"):
        TLSPeer(gateway, context=context)


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_modern_ciphers_are_served(gateway, cipher):
    context = tls_context(gateway.certs, highest=V12)
    context.set_ciphers(cipher)
    with TLSPeer(gateway, context=context) as peer:
        health(peer)
        assert peer.tls.cipher()[0] == cipher


@pytest.mark.parametrize("offered, chosen", [
    (("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("h2",), "h2"), (("http/1.1",), "http/1.1"),
    (("spdy/3", "http/1.1"), "http/1.1"), ((), None),
])
def test_alpn(gateway, offered, chosen):
    with TLSPeer(gateway, alpn=offered) as peer:
        assert peer.tls.selected_alpn_protocol() == chosen
        if chosen != "h2":
            health(peer)


@pytest.mark.parametrize("version", [V12, V13])
def test_unknown_alpn_is_refused(gateway, version):
    with pytest.raises(Closed, match="(?i)alert|application protocol"):
        with TLSPeer(gateway, context=tls_context(gateway.certs, alpn=("gopher",), lowest=version, highest=version)) as peer:
            health(peer)


@pytest.mark.parametrize("version", [V12, V13])
def test_sessions_resume(gateway, version):
    context = tls_context(gateway.certs, lowest=version, highest=version)
    with TLSPeer(gateway, context=context) as first:
        health(first)
        session = first.tls.session
        assert session.has_ticket and not first.tls.session_reused
    with TLSPeer(gateway, context=context, session=session) as second:
        health(second)
        assert second.tls.session_reused


class Openssl:
    """`openssl s_client` with its command letters: a line that is one of them is an order to it."""

    def __init__(self, gateway, *options):
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-CAfile", gateway.certs / "ca.pem", "-alpn", "http/1.1", "-crlf",
             *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.said = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def write(self, text):
        self.process.stdin.write(text)

    def until(self, *words):
        """Reads until one of the words was said; what was said up to there is spent."""
        while not any(word in self.said for word in words):
            piece = self.process.stdout.read(4096)
            assert piece, f"openssl ended without {words}: {self.said[-500:]}"
            self.said += piece
        word = next(word for word in words if word in self.said)
        self.said = self.said.split(word, 1)[1]
        return word


GET = b"GET /healthz HTTP/1.1\nHost: localhost\n\n"


def test_renegotiation_is_refused(gateway):
    with Openssl(gateway, "-tls1_2") as peer:
        peer.until(b"Verify return code")
        peer.write(GET)
        peer.until(b"HTTP/1.1 200")
        peer.write(b"R\n")
        peer.until(b"RENEGOTIATING")
        assert peer.until(b"no renegotiation", b"read R BLOCK") == b"no renegotiation"
    assert gateway.is_well()


@pytest.mark.parametrize("letter", [b"K\n", b"k\n"], ids=["wants an update back", "only tells"])
def test_key_update(gateway, letter):
    with Openssl(gateway, "-tls1_3") as peer:
        peer.until(b"Verify return code")
        for _ in range(3):
            peer.write(GET)
            peer.until(b"HTTP/1.1 200")
            peer.write(letter)
            peer.until(b"KEYUPDATE")
        peer.write(GET)
        peer.until(b"HTTP/1.1 200")


def test_early_data_is_refused(gateway, tmp_path):
    """A ticket of TLS 1.3 that allows none; data offered all the same is not taken."""
    (tmp_path / "early.txt").write_bytes(GET.replace(b"\n", b"\r\n"))
    with Openssl(gateway, "-tls1_3", "-sess_out", tmp_path / "session.pem") as peer:
        peer.until(b"Verify return code")
        peer.write(GET)
        peer.until(b"HTTP/1.1 200")
        eventually(lambda: (tmp_path / "session.pem").exists(), within=5, what="a session ticket")
    ticket = ["openssl", "sess_id", "-in", tmp_path / "session.pem", "-noout", "-text"]
    assert "Max Early Data: 0" in subprocess.run(ticket, capture_output=True, text=True).stdout
    with Openssl(gateway, "-tls1_3", "-sess_in", tmp_path / "session.pem", "-early_data", tmp_path / "early.txt") as peer:
        assert peer.until(b"Early data was rejected", b"Early data was not sent", b"Early data was accepted") != b"Early data was accepted"


GARBAGE = {
    "plain HTTP": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "zeros": bytes(1000), "ones": b"\xff" * 1000,
    "a record too long": b"\x16\x03\x01\xff\xff" + bytes(70_000), "an SSH client": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a hello cut off": b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", "an empty record": b"\x17\x03\x03\x00\x00" * 50,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_instead_of_tls(hurried, garbage):
    """Refused by its form, or for want of patience."""
    sock = tcp(hurried.port)
    try:
        sock.sendall(garbage)
        while data := sock.recv(4096):
            assert data[:1] == b"\x15", "nothing but an alert may come back"
    except ConnectionError:
        pass
    finally:
        sock.close()
    assert hurried.is_well()


def test_garbage_after_the_handshake(gateway, h1):
    h1.send_raw(b"\x17\x03\x03\x00\x40" + bytes(64))
    with pytest.raises(Closed):
        h1.receive()
    assert gateway.is_well()


def test_an_answer_survives_a_fin(gateway, h1):
    h1.send(request(token=gateway.token, body=b'{"a":1,"b":2}'))
    h1.fin()
    assert h1.last_answer().status == 200


def test_a_close_notify_is_answered(gateway, h1):
    health(h1)
    h1.close_notify()


def test_a_fin_while_the_model_runs(gateway, h1):
    """Half a second of work; the FIN comes when it has begun. The answer comes all the same."""
    h1.send(request(token=gateway.token, body=b'{"a":1,"b":2,"spin":500000}'))
    assert h1.is_open(within=0.1)
    h1.fin()
    assert h1.last_answer().status == 200
    assert gateway.is_well()


@pytest.mark.parametrize("spin", [0, 300_000], ids=["before the answer", "while the model runs"])
def test_resets_harm_nobody(gateway, spin):
    """A TCP reset in the middle: writing into it must neither signal nor end the server."""
    for _ in range(20 if spin == 0 else 3):
        peer = H1Peer(gateway)
        peer.send(request(token=gateway.token, body=b'{"a":1,"b":2,"spin":%d}' % spin) * 3)
        peer.reset()
    assert gateway.is_well()
