"""`python -m supplyops` is the `supplyops` command."""

from supplyops.cli import main

main(prog_name="supplyops")
