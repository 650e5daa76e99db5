"""The participant's counter."""

from flask import Blueprint

counter = Blueprint("participant", __name__)
