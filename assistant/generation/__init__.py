"""Models behind one seam (`base`): what a model is asked, and the parts of its stream.
Here stand the adapters, and what to do when a prompt was cut.
No prompt is worded here, and no answer is checked.
"""
