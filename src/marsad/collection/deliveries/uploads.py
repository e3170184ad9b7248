"""Uploads go from the network into the sealed spool; Django's own handlers would write them plain into a temporary file."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from marsad.collection.deliveries.operations_intake import Spooled
from marsad.collection.deliveries.queries import folder
from marsad.collection.deliveries.rules import MOST_BYTES, safe_name
from marsad.collection.deliveries.spool import Spool, SpoolWriter
from migstat.model.refusals import Refused


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """A file that arrived and waits sealed."""

    def __init__(self, name: str, spooled: Spooled) -> None:
        super().__init__(file=None, name=name, size=spooled.size)
        self.spooled = spooled


class SealedUploadHandler(FileUploadHandler):
    """Seals the first file of a request while it comes; a second one is read over and dropped.

    ``problem`` holds why the upload was broken off; the view tells it.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.problem: Refused | None = None
        self._writer: SpoolWriter | None = None
        self._taken = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._taken:
            return
        self._taken = True
        self._id, self._key, self._digest = uuid4(), Spool.new_key(), hashlib.sha256()
        self._spool = Spool(folder(), str(self._id), self._key)
        self._writer = self._spool.writer(most=MOST_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._writer is None:
            return None
        try:
            self._writer.write(raw_data)
        except Refused as problem:
            self.problem = problem
            self._drop()
            raise StopUpload(connection_reset=False) from None
        self._digest.update(raw_data)
        return None

    def file_complete(self, file_size: int) -> SealedUpload | None:
        if self._writer is None:
            return None
        writer, self._writer = self._writer, None
        with writer:
            pass
        return SealedUpload(
            safe_name(self.file_name or ""), Spooled(self._id, self._key, writer.size, self._digest.hexdigest())
        )

    def upload_interrupted(self) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None


def drop(upload: SealedUpload) -> None:
    """Remove a file that is not taken in."""
    Spool(folder(), str(upload.spooled.id), upload.spooled.key).destroy()
