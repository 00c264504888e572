"""Symbols of MXNet's numpy mode, which Treadle does not have."""

__all__ = ["_Symbol"]


class _Symbol:
    """No symbol is one."""
