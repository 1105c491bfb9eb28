"""A file as a download: never shown within a page of ours, whatever it is."""

from uuid import UUID

from flask import Response

from rongjiu import files


def attachment(content: bytes | str, mime: str, name: str) -> Response:
    """An answer that the browser saves under a name."""
    answer = Response(content, mimetype=mime)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def kept(file_id: UUID) -> Response:
    """A file that was kept, under the name it came with; raises Absent when there is none in this scope."""
    name, mime, content = files.load(file_id)
    return attachment(content, mime, name)
