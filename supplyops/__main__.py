"""`python -m supplyops`."""

from supplyops.cli import main

main()
