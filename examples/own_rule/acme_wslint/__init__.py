"""Rules of Acme for wslint."""
