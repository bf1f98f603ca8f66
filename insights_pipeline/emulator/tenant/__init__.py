"""Whose events the emulator serves: an invented company, events read from files, or very many made on the fly."""
