"""What the terminal shows of results: captions and tables in one language, rounded for people.

Each module prints one kind of result; files hold all rows and all digits, and are written by
``gep.workflows``. Begin with ``account``, which also has what the other modules share: the screen,
rounded numbers, tables, the line with the names of files.
"""
