"""The report as one page: no server, no network, every text escaped.

page     puts it together: the shell first, then the data of each case, then the pictures
first_view  what stands above all else, in the words of `compare`
headlines  the rates that a reader would quote, and why their difference does not hold
plots    a plot as a table: a row a number, so that the table is the text of the picture
charts   grades, findings and paired differences as plots
spreads  seconds, dollars and scores of single outputs as plots
cases    a case as a row of the list, and as data for the script
grading  the texts that people can grade
method   how it was made: systems, prompts, signatures, digests, commands
checklists  the items of reporting guidelines, as far as records answer them

page.html, style.css and the scripts are what is filled in.
"""
