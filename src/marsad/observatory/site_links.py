"""Where every link of the written site leads, once it is known which addresses became files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from marsad.observatory.site_addresses import canonical, instead_of, is_static, public_path, relative


@dataclass
class Links:
    """Of one file at a time: ``files`` gives the file of each written address; ``lost`` collects what leads nowhere.

    ``base`` is where the files will stand, ``living`` where the observatory itself answers (may be empty); both end in a
    slash. ``is_written`` says of an address whether the site means to hold it; a left-out one is no fault.
    """

    files: Mapping[str, str]
    base: str
    living: str
    is_written: Callable[[str], bool]
    lost: set[str] = field(default_factory=set)
    left_out: int = 0

    def file_at(self, address: str) -> str | None:
        """The file of an address, or of what stands for it."""
        found = self.files.get(address)
        if found is None and (other := instead_of(address)):
            found = self.files.get(other)
        return found

    def from_page(self, given: str, address: str, file: str) -> str | None:
        """What a link of a page becomes; None where only the living observatory answers and nobody says where it stands."""
        if not given or given.startswith("#"):
            return given
        plain, fragment = urldefrag(given)
        there = canonical(plain, address)
        if there is None:
            return given
        tail = f"#{fragment}" if fragment else ""
        if is_static(there):
            path, _, version = there.partition("?")
            return relative(file, path.lstrip("/")) + (f"?{version}" if version else "")
        found = self.file_at(there)
        if found is not None:
            return relative(file, found) + tail
        if self.is_written(there):
            self.lost.add(there)
            return given
        self.left_out += 1
        return f"{self.living}{there.lstrip('/')}{tail}" if self.living else None

    def from_words(self, given: str) -> str:
        """The whole address in words: under the base, or where the living observatory answers it."""
        plain, fragment = urldefrag(given)
        there = canonical(plain)
        tail = f"#{fragment}" if fragment else ""
        if there is None:
            return given
        found = self.file_at(there)
        if found is not None:
            return f"{self.base}{public_path(found)}{tail}"
        return f"{self.living or self.base}{there.lstrip('/')}{tail}"
