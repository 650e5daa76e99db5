"""Files of people, specialists and tool tables: read, compared with the house, shown, and stored whole or not at all.

`waiting` keeps a file between its steps; `words` names what a column can be; `reading` turns cells into values;
`people` and `hosts` find whom a row is about and what it would change; `judging` makes the preview and stores it.
"""
