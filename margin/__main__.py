"""`python -m margin`: the command `margin`, also where it is not installed."""

from margin.command import main

main()
