"""Recipes of classes without networks: files that depend on the student alone, made in any process."""

import os
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from derive.api.class_engine import Made
from derive.errors import InputError

KINDS = ("sheets/.pdf", "keys/.pdf")


@dataclass(frozen=True)
class Stub:
    """Files of a hash; ``fails`` are ids for which it cannot be done, ``log`` is a folder that counts what is made."""

    settings: str = "a"
    fails: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    log: str = ""
    seconds: float = 0.0

    def maker(self):
        if self.log:
            Path(self.log, f"prepared-{os.getpid()}-{time.monotonic_ns()}").touch()
        return self.make

    def make(self, student):
        time.sleep(self.seconds)
        if student.id in self.fails:
            raise InputError("{place}: found {found}; expected luck.", place="draw", found=student.id)
        if student.id in self.breaks:
            raise ZeroDivisionError("no luck")
        if self.log:
            Path(self.log, f"made-{student.id}-{time.monotonic_ns()}").touch()
        content = sha256(f"{self.settings} {student.id} {student.name}".encode()).digest() * 20
        return Made({kind: kind.encode() + content for kind in KINDS}, {"id": student.id, "made of": self.settings})
