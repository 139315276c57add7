"""The grading of one text against its reference, and canaries: texts whose right grade is known.

question     the request that a judge is sent
ask          one question, asked again once where the answer cannot be read
answer       the only way in which an answer is read
grade        the grade that follows from matches, and from several grades
canaries     which canaries are asked about, and what they are made of
known_texts  a normal report, empty words, demands for a good grade
"""
