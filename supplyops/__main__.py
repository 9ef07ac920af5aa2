"""`python -m supplyops` is the `supplyops` command."""

if __name__ == "__main__":  # a process that this one starts looks in here too, and is not to import all commands
    from supplyops.cli import main

    main(prog_name="supplyops")
