"""Questions with a known answer: the answer is read from a text, and is right or wrong.

reading   the answer that a text gives
answers   the scorer
"""
