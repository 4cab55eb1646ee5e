"""Every error helploop raises on purpose. The message says what is wrong, where (file:line) and what to do next."""


class HelploopError(Exception):
    """The base: the command line prints its message as one line and exits with 1."""


class ConfigError(HelploopError):
    """The configuration cannot be used: names the file, the key and the nearest right one."""


class IntakeError(HelploopError):
    """A whole file cannot be read. (A single bad row is data: a RejectedRow.)"""


class StoreError(HelploopError):
    """The database is missing, damaged, locked, or of another version."""


class EncoderError(HelploopError):
    """The encoder is missing, corrupt, or not the one the round was made with."""


class ArticleError(HelploopError):
    """An article, a draft or a decision file in kb/ cannot be used."""


class BuildError(HelploopError):
    """The help site could not be built; the old one stays as it was."""


class GateError(HelploopError):
    """It ran, but a gate (check, --strict, --gate) is not met: exit code 3."""
