"""`winnow score --out`: files of any size judged piece by piece, by several processes or hosts.

`sources` finds the files, `cutting` divides each into pieces, `rows` reads a piece and `tables`
makes comments of its rows, `judging` judges them, `parts` writes what came of it, `scoring` does
all of that for one piece in whichever process it is given to. `manifest` keeps what a run was begun
with, and what is done; `cluster` opens Dask, `running` hands out the pieces, `telling` shows how
far it is, `joining` makes one file of the parts.
"""
