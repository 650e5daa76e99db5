"""Why a file cannot be read, as a word: the process that reads it knows no language to say it in."""


class Unreadable(Exception):
    """A file that cannot be read: `why` is a key of `spreadsheet.SENTENCES`, `told` the figures of that sentence."""

    def __init__(self, why: str, **told: int) -> None:
        super().__init__(why)
        self.why = why
        self.told = told
