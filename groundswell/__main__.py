"""`python -m groundswell` is the program `groundswell`."""

from groundswell.cli.main import run

run()
