"""How far the work is, for whoever waits at a terminal."""

from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PATIENCE = 1.0


class Bar:
    """A progress bar that appears after a second, also while nobody reports, and only on a terminal."""

    def __init__(self, patience: float = PATIENCE) -> None:
        words, console = TextColumn("{task.description}"), Console(stderr=True)
        self._bar = Progress(words, BarColumn(), TimeElapsedColumn(), console=console, transient=True)
        self._task = self._bar.add_task("read", total=1.0)
        self._wait = Timer(patience, self._bar.start)
        self._wait.daemon = True
        if console.is_terminal:
            self._wait.start()

    def __call__(self, fraction: float, what: str) -> None:
        """Tell how far the work is: a fraction from 0 to 1, and what is being done."""
        self._bar.update(self._task, completed=fraction, description=what)

    def close(self) -> None:
        """Take the bar away, or see to it that it never comes."""
        self._wait.cancel()
        if self._wait.is_alive():
            self._wait.join()
        if self._bar.live.is_started:
            self._bar.stop()
