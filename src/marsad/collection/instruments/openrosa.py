"""The documents of OpenRosa 1.0: list of forms, manifest, response; and the parts of a submission.

https://docs.getodk.org/openrosa/ (request, form list, form submission, authentication)
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from marsad.collection.instruments.rules import LIMITS
from migstat.model.refusals import Refused

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAIN_PART = "xml_submission_file"


@dataclass(frozen=True)
class ListedForm:
    form_id: str
    name: str
    version: str
    description: str
    xform: bytes
    download_url: str
    manifest_url: str = ""


def _md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def _elements(values: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values if value)


def form_list(forms: Iterable[ListedForm]) -> str:
    listed = "".join(
        "<xform>"
        + _elements(
            [
                ("formID", form.form_id),
                ("name", form.name),
                ("version", form.version),
                ("hash", _md5(form.xform)),
                ("descriptionText", form.description),
                ("downloadUrl", form.download_url),
                ("manifestUrl", form.manifest_url),
            ]
        )
        + "</xform>"
        for form in forms
    )
    return f'{_XML}<xforms xmlns="http://openrosa.org/xforms/xformsList">{listed}</xforms>'


def manifest(files: Iterable[tuple[str, str, str]]) -> str:
    """``files`` are (name, MD5 in hexadecimal, address)."""
    listed = "".join(
        "<mediaFile>" + _elements([("filename", name), ("hash", f"md5:{md5}"), ("downloadUrl", url)]) + "</mediaFile>"
        for name, md5, url in files
    )
    return f'{_XML}<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{listed}</manifest>'


def response(message: str, *, nature: str, rule: str = "") -> str:
    """What the device shows. ``rule`` is the stable name of a refusal, for whoever keeps the telephones going."""
    said = f' rule="{escape(rule)}"' if rule else ""
    return (
        f'{_XML}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="{escape(nature)}"{said}>{escape(message)}</message></OpenRosaResponse>'
    )


@dataclass(frozen=True)
class Parts:
    """The parts of one request: the answers, and the files by name."""

    xml: bytes
    attachments: Mapping[str, tuple[str, bytes]]


class _InMemory(FileUploadHandler):
    """Files stay in memory, which the limit of a request bounds: nothing unsealed ever touches the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.chunks: list[bytes] = []
        self.found: list[tuple[str, str, str, bytes]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.chunks = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.chunks.append(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.found.append((self.field_name, self.file_name or "", self.content_type or "", b"".join(self.chunks)))


def read_parts(request: HttpRequest) -> Parts:
    """The parts of a submission, within the limits. Raises ``Refused``: too large, or not of this shape."""
    body = _body(request)
    kind = request.headers.get("Content-Type", "")
    if kind.split(";")[0].strip().lower() in {"text/xml", "application/xml"}:
        return Parts(body, {})
    return parts_of(kind, body)


def _body(request: HttpRequest) -> bytes:
    said = request.headers.get("Content-Length", "")
    if said.isdigit() and int(said) > LIMITS.request:
        raise _too_large()
    # A body in chunks has no length, and Django then reads nothing; the server's own stream ends where it ends.
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = request.environ["wsgi.input"] if chunked else request  # type: ignore[attr-defined]
    body: bytes = stream.read(LIMITS.request + 1)
    if len(body) > LIMITS.request:
        raise _too_large()
    return unpacked(body, request.headers.get("Content-Encoding", ""))


def unpacked(body: bytes, encoding: str) -> bytes:
    """A body as it was before it was compressed, never larger than a request may be.

    Raises ``Refused``: ``instruments.content_encoding`` for another way than gzip or what is none,
    ``instruments.too_large``.
    """
    if encoding.strip().lower() in {"", "identity"}:
        return body
    reader, whole = zlib.decompressobj(wbits=31), b""
    if encoding.strip().lower() in {"gzip", "x-gzip"}:
        try:
            whole = reader.decompress(body, LIMITS.request + 1)
        except zlib.error:
            whole = b""
    if len(whole) > LIMITS.request:
        raise _too_large()
    if not reader.eof:
        raise Refused(
            "instruments.content_encoding", found="a body compressed in a way not known here", remedy="send it plain"
        )
    return whole


def _too_large() -> Refused:
    return Refused(
        "instruments.too_large",
        found="a request beyond the limit",
        remedy=f"send parts of {LIMITS.request} bytes at most",
    )


def parts_of(content_type: str, body: bytes) -> Parts:
    """The parts in the body of a multipart request. Raises ``Refused("instruments.multipart")``."""
    keeper = _InMemory()
    try:
        meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
        fields, _ = MultiPartParser(meta, io.BytesIO(body), [keeper], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError, LookupError):
        raise _no_multipart() from None
    mains = [content for field, _, _, content in keeper.found if field == MAIN_PART]
    mains += [str(text).encode() for text in fields.getlist(MAIN_PART)]
    if len(mains) != 1:
        raise _no_multipart()
    files = [(name, kind, content) for field, name, kind, content in keeper.found if field != MAIN_PART]
    if len({name for name, _, _ in files}) != len(files):
        raise Refused(
            "instruments.attachment_name", found="two files of one name", remedy="give each a name of its own"
        )
    return Parts(mains[0], {name: (kind, content) for name, kind, content in files})


def _no_multipart() -> Refused:
    return Refused(
        "instruments.multipart", found="a body without its one part of answers", remedy=f"send one part {MAIN_PART}"
    )
