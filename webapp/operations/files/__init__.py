"""Files that come in and go out: read, judged, stored whole or not at all."""
