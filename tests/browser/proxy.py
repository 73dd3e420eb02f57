"""The documented proxy, started for real: nginx with ``deploy/nginx``, its own ports and a certificate made here."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy" / "nginx"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "certificat.pem", folder / "cle.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, secret


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """The operator's own changes; each must find its place, else the file has drifted from this test."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder: Path, *ports: int) -> Iterator[tuple[str, str]]:
    """nginx before one or two servers of this machine: gives its TLS address and its plain one."""
    folder.mkdir(parents=True, exist_ok=True)
    chain, key = certificate(folder)
    plain, tls = free_port(), free_port()
    proxy = folder / "observatoire-proxy.conf"
    shutil.copy(DEPLOY / "observatoire-proxy.conf", proxy)
    site = folder / "observatoire.conf"
    written = (DEPLOY / "observatoire.conf").read_text("utf-8")
    if len(ports) > 1:  # lines of the second process are there, as a comment without a space
        written = re.sub(r"(?m)^( *)#(?=\S)", r"\1", written)
    site.write_text(
        changed(
            written,
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
            ("server_name observatoire.exemple.fr;", "server_name 127.0.0.1 localhost;"),
            ("/etc/ssl/observatoire/certificat.pem", str(chain)),
            ("/etc/ssl/observatoire/cle.pem", str(key)),
            *((f":{8500 + rank}", f":{port}") for rank, port in enumerate(ports, 1)),
            ("/etc/nginx/observatoire-proxy.conf", str(proxy)),
            ("/var/log/nginx/observatoire.log", str(folder / "acces.log")),
        ),
        "utf-8",
    )
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/erreurs.log;\ndaemon off;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\ninclude {site};\n}}\n",
        "utf-8",
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [binary, "-c", str(main), "-e", str(folder / "depart.log"), "-p", str(folder)]
    subprocess.run([*command, "-t", "-q"], check=True, capture_output=True)
    process = subprocess.Popen(command)
    try:
        _wait(tls)
        yield f"https://127.0.0.1:{tls}", f"http://127.0.0.1:{plain}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx n'a pas démarré")


def unverified() -> ssl.SSLContext:
    """A client that accepts the certificate made here."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
