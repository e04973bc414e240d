"""What is made of an account for people: the workbook, the page and the figures."""
