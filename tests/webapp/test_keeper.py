"""What is done while pages are served goes on after a failure, and what was deleted stands in no file."""

import logging

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.webapp import factories as make
from webapp.commands.keeper import Keeper
from webapp.operations import patience

NAME = "Zeynep al-Canary"


def test_after_a_failure_it_looks_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make.store(make.event(), make.person(name=NAME))
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OperationalError(NAME, {}, Exception("database or disk is full"))

    monkeypatch.setattr(patience, "forget_old", fail_once)
    keeper = Keeper(app, every=0.01)
    with caplog.at_level(logging.ERROR):
        keeper.start()
        for _again in range(500):
            if len(tries) > 1 or not keeper.is_alive():
                break
            keeper.ended.wait(0.02)
    alive = keeper.is_alive()
    keeper.ended.set()
    keeper.join()
    assert alive
    assert len(tries) > 1
    assert "event=keeping err=OperationalError" in caplog.text
    assert NAME not in caplog.text
