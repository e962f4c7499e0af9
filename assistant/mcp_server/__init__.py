"""The collection for other assistants, over the Model Context Protocol: tools and papers to read.
Here stand the tools, the shapes of what they take and give, and the server over stdio.
Nothing is written, no error of another library is shown, and `mcp` is imported here alone.
"""
