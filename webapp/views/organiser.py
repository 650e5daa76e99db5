"""The organiser's counter."""

from flask import Blueprint

counter = Blueprint("organiser", __name__)
