"""The whole event in one workbook: a sheet for each kind of row, out of a house and into an empty one or the same.

`cells` says how values stand in cells; `book` which sheets and columns there are, and what is left out; `telling` makes
the book of a house; `reading` that of a file; `checking` says what does not go together; `comparing` what would change;
`writing` stores it; `trading` is the door.
"""
