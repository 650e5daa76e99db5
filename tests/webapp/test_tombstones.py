"""Signs of who was removed lie in files: written by several at once, and on sticks that are pulled out."""

import stat
import threading
from pathlib import Path

import pytest

from webapp.operations.guests import tombstones


def test_of_signs_that_are_left_at_once_none_is_lost(tmp_path: Path) -> None:
    signs, start = [tombstones.sign_of(str(at)) for at in range(120)], threading.Barrier(8)

    def leave(own: list[str]) -> None:
        start.wait()
        for sign in own:
            tombstones.leave_in(tmp_path, {sign}, kind="event" if sign in signs[:8] else "person")

    threads = [threading.Thread(target=leave, args=(signs[at::8],)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tombstones.signs_in(tmp_path, "event") == set(signs[:8])
    assert tombstones.signs_in(tmp_path, "person") == set(signs[8:])
    tombstones.leave_in(tmp_path, signs[8:])
    lines = [line for line in (tmp_path / tombstones.FILE).read_text().splitlines() if line]
    assert sorted(lines) == sorted({f"{'event' if sign in signs[:8] else 'person'} {sign}" for sign in signs})
    assert stat.S_IMODE((tmp_path / tombstones.FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", [b"person 12", b"\xff\xfe", b"event 3:ab\nperson"])
def test_what_a_stick_left_half_written_spoils_no_sign(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / tombstones.FILE).write_bytes(torn)
    one, two = (tombstones.sign_of(name) for name in ("one", "two"))
    tombstones.leave_in(tmp_path, {one})
    tombstones.leave_in(tmp_path, {two}, kind="event")
    assert one in tombstones.signs_in(tmp_path, "person")
    assert two in tombstones.signs_in(tmp_path, "event")
