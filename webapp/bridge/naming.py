"""Who is meant by a wish as it was typed: read anew each time as names and numbers of those who are there now."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session as Rows

import matcher
from webapp.bridge.apart import Directory, Words, words_of
from webapp.models import Host


@dataclass
class Names:
    """All names there are; whoever is visited and is no guest stands under the engine's name for them."""

    directory: Directory = field(default_factory=Directory)
    visited: dict[Words, set[str]] = field(default_factory=lambda: defaultdict(set))
    houses: dict[Words, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, rows: Rows, visited: Collection[tuple[str, Host]]) -> "Names":
        """Read them."""
        found = cls(Directory.of(rows))
        for key, host in visited:
            for name in (host.name, host.latin) if host.person_id is None else ():
                found.visited[words_of(name)].add(key)
        for row, words in found.directory.houses.items():
            found.houses[words].add(row)
        return found

    def wishes(self, text: str, known: Mapping[int, str]) -> Iterator[str | matcher.KindWish]:
        """Yield what a wish means to the engine; a name that several people have means each of them."""
        words = words_of(text)
        if words:
            yield from (known[row] for row in sorted(self.directory.people.get(words, ())) if row in known)
            yield from sorted(self.visited.get(words, ()))
            yield from (matcher.KindWish("organisation", str(row)) for row in sorted(self.houses.get(words, ())))
