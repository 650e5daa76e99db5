"""The study's own commands, one file each: files in, files out, no web and no database."""
