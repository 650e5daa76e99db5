"""Serving a network without internet: the address that is told is this computer's own, and the code says the same."""

import contextlib
import socket

import pytest
import segno

from tests.webapp.test_commands import refused, rondo
from webapp.commands import serving


def test_the_address_is_one_of_this_computer_or_none_is_told() -> None:
    with contextlib.suppress(serving.Refusal), socket.socket() as door:
        found = serving.lan_address()
        assert not found.startswith("127.")
        # binding shows that it is ours; nobody listens
        door.bind((found, 0))
    with socket.socket() as door, pytest.raises(OSError, match="assign"):
        door.bind((serving.NOWHERE, 0))


def test_a_computer_without_a_way_out_is_known_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(_name: str, _port: None, family: int) -> list[tuple[object, ...]]:
        return [(family, 0, 0, "", (address, 0)) for address in ("127.0.1.1", "192.168.8.20")]

    class Cut(socket.socket):
        def connect(self, _address: object) -> None:
            raise OSError("no way out")

    monkeypatch.setattr(serving.socket, "socket", Cut)
    monkeypatch.setattr(serving.socket, "getaddrinfo", known)
    assert serving.lan_address() == "192.168.8.20"
    monkeypatch.setattr(serving.socket, "getaddrinfo", lambda *_asked: [])
    with pytest.raises(serving.Refusal, match="access point"):
        serving.lan_address()


def test_the_code_on_the_terminal_is_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    address = "http://192.168.8.20:8000"
    serving.show_code(address)
    shown = capsys.readouterr().out
    segno.make(address, error="m", micro=False).terminal(compact=True)
    assert capsys.readouterr().out in shown
    segno.make(address + "1", error="m", micro=False).terminal(compact=True)
    assert capsys.readouterr().out not in shown
    assert "access point of your own" in shown


def test_lan_finds_the_address_by_itself() -> None:
    assert "leave --host out" in refused(rondo("serve", "--lan", "--host", "10.0.0.1"))
