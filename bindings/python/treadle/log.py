"""Loggers with one form of line."""

import logging

__all__ = ["get_logger", "getLogger", "DEBUG", "INFO", "WARNING", "ERROR", "NOTSET"]

DEBUG, INFO, WARNING, ERROR, NOTSET = (
    logging.DEBUG,
    logging.INFO,
    logging.WARNING,
    logging.ERROR,
    logging.NOTSET,
)


def get_logger(name=None, filename=None, filemode=None, level=WARNING):
    """A logger that writes to a file, or to the standard error stream."""
    logger = logging.getLogger(name)
    if name is not None and not getattr(logger, "_treadle_ready", False):
        logger._treadle_ready = True
        handler = logging.FileHandler(filename, filemode or "a") if filename else None
        handler = handler or logging.StreamHandler()
        handler.setFormatter(
            logging.Formatter("%(levelname).1s%(asctime)s %(process)d %(message)s", "%m%d %H:%M:%S")
        )
        logger.addHandler(handler)
        logger.setLevel(level)
    return logger


getLogger = get_logger
