"""``python -m wslint``."""

from wslint.cli import main

main(prog_name="wslint")
