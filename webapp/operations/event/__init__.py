"""What the organiser sets up before anybody comes: the event, its sessions, places and lists."""
