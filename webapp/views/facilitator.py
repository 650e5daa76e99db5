"""The facilitator's counter."""

from flask import Blueprint

counter = Blueprint("facilitator", __name__)
