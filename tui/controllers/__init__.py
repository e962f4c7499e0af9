"""What a key or an event sets going: asking, adding, embedders, papers and sessions.
They hold the jobs under way, and tell the screen.
No rendering of a line, and no logic of answers.
"""
