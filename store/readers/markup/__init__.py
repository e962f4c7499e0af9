"""Markup of titles and abstracts (entities, tags, MathML, LaTeX) as plain readable text.
Text in, text out: tables of what is frequent stand beside the modules.
No record is made here, and nothing is made safe to show: that is records and clean.
"""
