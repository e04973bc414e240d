"""What is made of results for people: figures, workbooks, reference pages."""
