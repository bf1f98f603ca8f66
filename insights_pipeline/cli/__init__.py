"""The `insights` command; thin: it reads arguments, calls the package and prints."""
