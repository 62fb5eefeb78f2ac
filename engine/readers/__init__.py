"""Text to readings: pure functions without a clock, one table READERS that names them all."""

from engine.readers.reading import Hearing, Read, Reading, Unclear
from engine.readers.table import READERS, Kind

__all__ = ["READERS", "Hearing", "Kind", "Read", "Reading", "Unclear"]
