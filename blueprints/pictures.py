"""Pictures made on the spot: a QR code of an address, as a data address that the content policy allows."""


def qr(address: str) -> str:
    """A QR code as `data:image/svg+xml`, dark on white, error correction M, for an <img>."""
    import segno  # loaded only where a code is drawn

    return str(segno.make(address, error="m").svg_data_uri(scale=6, border=2, dark="#1f2a37", light="#fff"))
