"""The form by which people grade, who wrote a text hidden: on a sheet of its own, and in the report page.

sheet_page  a review sheet as one page: images inside, answers saved to a file

form.html, form.css and form.js are the form; sheet.html and sheet.js the page of a sheet.
"""
