"""When people are missing, come late or a table is lost: the begun rounds stand, the fewest cards change."""
