#!/usr/bin/python3
"""Runs the program of Barman that has this file's name, e.g. barman-cloud-backup.

Replaces the scripts that pip generates: they name the Python of the machine that built the image.
"""

import sys
from importlib.metadata import distribution
from pathlib import Path

(program,) = distribution("barman").entry_points.select(name=Path(sys.argv[0]).name)
sys.exit(program.load()())
