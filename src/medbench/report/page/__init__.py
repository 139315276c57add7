"""The report as one page: no server, no network, every text escaped.

page     puts it together: the shell first, then the data of each case, then the pictures
first_view  what stands above all else, in the words of `compare`
charts   intervals as plots: a row a number, so that the table is the text of the picture
cases    a case as a row of the list, and as data for the script
method   how it was made: systems, prompts, signatures, digests, commands

page.html, style.css and script.js are what is filled in.
"""
