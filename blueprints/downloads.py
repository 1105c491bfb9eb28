"""A file as a download: never shown within a page of ours, whatever it is."""

from io import BytesIO
from uuid import UUID

from flask import Response, send_file

from rongjiu import files


def attachment(content: bytes | str, mime: str, name: str) -> Response:
    """An answer that the browser saves under a name, in whatever script the name is written."""
    body = content.encode() if isinstance(content, str) else content
    return send_file(BytesIO(body), mimetype=mime, as_attachment=True, download_name=name)


def kept(file_id: UUID) -> Response:
    """A file that was kept, under the name it came with; raises Absent when there is none in this scope."""
    name, mime, content = files.load(file_id)
    return attachment(content, mime, name)
