"""The formats written in XML: one hardened parser, and a module for what a family of them says.

Elements become named values here; nothing is opened, loaded from outside, or cleaned.
"""
