"""Classes that display results in a notebook."""

import html
import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


class Picture:
    """A PNG or GIF picture, which a notebook displays."""

    def __init__(self, content: bytes, name: str = "picture") -> None:
        self.content, self.name = content, name

    @property
    def image(self) -> "Image.Image":
        """The picture as a Pillow image."""
        from PIL import Image

        return Image.open(io.BytesIO(self.content))

    def save(self, path: Path | str) -> None:
        Path(path).write_bytes(self.content)

    def __repr__(self) -> str:
        width, height = self.image.size
        return f"<{self.name}: {width} x {height} px>"

    def _repr_mimebundle_(self, **_options: object) -> dict[str, bytes]:
        return {f"image/{'gif' if self.content[:3] == b'GIF' else 'png'}": self.content}


class Text:
    """A result whose `str` is the output of the command. A notebook shows it in a fixed-width font."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
