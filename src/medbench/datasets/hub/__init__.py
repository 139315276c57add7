"""Published sources of cases: repositories of the Hugging Face Hub, or copies of them in a folder.

source_map    a source as a file of data: its tables, columns, images, terms; `maps/` has the shipped ones
repository    the files of a source at one commit, downloaded when they are needed
card          the licence, as the card, the Croissant file and the service state it
tables        Parquet, CSV and JSON tables, row by row, without the images
rows          the rows of all tables: joined, taken apart, those of other splits left out
cases         rows to cases
pictures      the images of the cases that were drawn
"""
