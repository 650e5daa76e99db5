"""The whole event in one workbook: a sheet for each kind of row, out of a house and into an empty one or the same.

`cells` says how values stand in cells; `book` which sheets and columns there are, and what is left out; `telling` makes
the book of a house; `reading` that of a file; `checking` says what does not go together; `comparing` what would change;
`writing` stores it; `trading` is the door. Published versions have sheets of their own: `plans_told` makes them,
`plans_checked` says what is wrong with them and which are left alone, `rehearsing` lets the referee hear them in a
house in memory, and `plans_written` publishes them again. `shelves` finds rows by what a file calls them.
"""
