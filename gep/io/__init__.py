"""Files in and out: tables, TOML documents, result folders, and the places of what ships with gep.

The package owns how a file is found, decoded, split into cells or keys, and written whole or not
at all. It knows nothing of accounting: which columns and keys there are, and what they mean, is
left to ``standards``, ``inputs``, ``extent`` and ``project``.

Read ``csv_excel`` (cells of a file) first, then ``tables`` (named columns, numbers) and
``toml_documents`` (keys); ``catalog`` finds files, ``result_folder``, ``spreadsheets``
and ``workbook`` write them.
"""
