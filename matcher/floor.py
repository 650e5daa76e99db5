"""The worst-off."""
