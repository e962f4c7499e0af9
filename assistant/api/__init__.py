"""What Python programs work with: a library as one asynchronous class, and a bridge to threads.
Here stand that class, its streams and the bridge; `assistant` itself hands them to who imports it.
No retrieval, prompt or wording: what is done is done by the workspace.
"""
