"""The package's own templates as bytecode, kept from one process to the next.

Compiling them took a sixth of a cold ``derive handout article --format md``, 0.45 of 2.8 s. What is compiled is kept as
Python keeps that of its modules: in ``__pycache__`` beside the templates or where ``sys.pycache_prefix`` says, by the
process that may write there, and not at all where bytecode is not wanted. Who can change these files can change the
templates and the package's code as well, so nothing is trusted that was not before. A user's templates, and what a
sandbox compiles, are kept in memory alone.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import cache_from_source
from types import CodeType

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from derive.language.compiled import Source
from derive.language.folder import FOLDER


def kept(environment: Environment, source: Source, make: Callable[[], CodeType]) -> CodeType:
    """Return the code of a template of the package's; ``make`` compiles it where none is kept of the same text.

    Jinja compares its format and Python's version; its own version and all that the code depends on are compared here.
    """
    cache = FileSystemBytecodeCache(_folder(), "%s.pyc")
    key = cache.get_cache_key(f"{source.name}{source.options}", source.file)
    bucket = Bucket(environment, key, cache.get_source_checksum(f"{jinja2.__version__}\n{source.text}"))
    with suppress(Exception):  # a damaged file may raise anything
        cache.load_bytecode(bucket)
    if bucket.code is not None:
        return bucket.code
    bucket.code = make()
    if not sys.dont_write_bytecode:
        with suppress(OSError):  # a folder of the system's, or a full disk
            os.makedirs(cache.directory, exist_ok=True)
            cache.set_bucket(bucket)
    return bucket.code


def _folder() -> str:
    return os.path.dirname(cache_from_source(str(FOLDER / "templates.py")))
