"""Quality of delivered files, as pure rules over cells, rows and columns: how they are written and what is wrong with them.

Every rule is one of ``findings.RULES``. Nothing is guessed: what could be read in two ways is proposed, and asked.
"""
