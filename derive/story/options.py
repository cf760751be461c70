"""The words that a handout's options take: plain data, so that help and completion have them without loading more."""

DETAILS = ("brief", "article", "full")
FORMS = ("scalar", "matrix", "both")
ROUNDINGS = ("exact", "by-hand", "significant")
PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # width and height in millimetres
PDF_VARIANTS = ("pdf/ua-1", "pdf/ua-2")
