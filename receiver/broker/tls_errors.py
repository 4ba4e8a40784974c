"""What to do about a TLS connection that does not come about: OpenSSL says what happened, not what to change.

Source of the codes: OpenSSL, x509_vfy.h (X509_V_ERR_…).
"""

from __future__ import annotations

import ssl

_UNKNOWN_AUTHORITY = {18, 19, 20, 21}  # self-signed, or signed by somebody who is not in our file
_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAME = {62, 64}  # host name, address
NO_TLS = "TLS: what answers on this port speaks no TLS: set [mqtt] port (8883 is usual), or tls = false"
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING", "UNKNOWN_PROTOCOL")
_CERTIFICATE_WANTED = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA")


def advice(error: BaseException | None) -> str | None:
    """One line: what is wrong and which setting puts it right; None for what is no error of TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        said, code = error.verify_message, error.verify_code
        if code in _OTHER_NAME:
            return f"TLS: the broker's certificate is for another name ({said}): set [mqtt] host to a name that stands in it"
        if code in _UNKNOWN_AUTHORITY:
            return (
                f"TLS: the broker's certificate is not by an authority that is known here ({said}): set [mqtt] ca_file to "
                "the PEM file of the authority that has signed it"
            )
        if code in (_NOT_YET, _EXPIRED):
            return f"TLS: {said}: renew the broker's certificate, or set this machine's clock"
        return f"TLS: the broker's certificate is refused ({said})"
    if not isinstance(error, ssl.SSLError):
        return None
    reason = error.reason or str(error)
    if any(word in reason for word in _NO_TLS):
        return NO_TLS
    if any(word in reason for word in _CERTIFICATE_WANTED):
        return (
            f"TLS: the broker refuses us ({reason.lower().replace('_', ' ')}): it may want a client certificate, "
            "[mqtt] certificate_file and key_file, by an authority that it knows"
        )
    return f"TLS: {reason.lower().replace('_', ' ')}"
