"""A fixed report that finds a bit of everything: the text of `baseline-generic`, and a control of ROUGE-L."""

TEXT = (
    "FINDINGS: There is a well-defined, heterogeneous mass with mild enhancement after contrast and a small "
    "area of calcification, associated with surrounding oedema and mild mass effect on the adjacent "
    "structures. There is a small amount of fluid. Several mildly enlarged lymph nodes are present. On the "
    "left side there is a smaller low density lesion, likely a cyst, and on the right side mild thickening "
    "of the wall. The adjacent bone shows no destruction. No evidence of fracture or acute haemorrhage. The "
    "remaining structures are normal in size and appearance."
)
