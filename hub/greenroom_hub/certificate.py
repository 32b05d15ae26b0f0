"""The certificate for HTTPS, as the operator gives it: two PEM files."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509


class Unfit(Exception):  # noqa: N818 - the operator's error, not ours
    """A certificate that cannot be served: what was found, and what to do."""


def files(tls: str) -> tuple[Path, Path]:
    """Certificate and key out of the setting `tls`. `Unfit` when it is not two names."""
    found = [Path(name) for name in tls.split(":")]
    if len(found) != 2:
        raise Unfit(f"`tls` is {tls!r}, but must be CERTIFICATE:KEY, two files separated by a colon")
    return found[0], found[1]


def check(tls: str, at: datetime | None = None) -> None:
    """Refuse a pair that browsers would refuse. `Unfit` says why."""
    pair = certificate, key = files(tls)
    for file in pair:
        try:
            file.open("rb").close()
        except OSError as error:
            raise Unfit(
                f"the certificate or key {file} cannot be read: {error.strerror}. `tls` is CERTIFICATE:KEY"
            ) from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise Unfit(
            f"{certificate} and {key} are no certificate with its key: {error}. Both must be PEM, the key without a "
            "password, and the key the certificate's own"
        ) from None
    until = _read(certificate).not_valid_after_utc
    if until < (at or datetime.now(UTC)):
        raise Unfit(f"the certificate {certificate} ended on {until:%Y-%m-%d}; browsers refuse it. Renew it")


def _no_password() -> str:
    raise ValueError("the key asks for a password")


@lru_cache(maxsize=4)
def _read(certificate: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.read_bytes())


def host(tls: str) -> str | None:
    """The first name the certificate is for, which is what people type; None when there is none without a star."""
    try:
        names = _read(files(tls)[0]).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, Unfit, x509.ExtensionNotFound):
        return None
    return next((name for name in names.get_values_for_type(x509.DNSName) if "*" not in name), None)
