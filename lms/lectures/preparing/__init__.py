"""A program of its own that looks into an uploaded recording and makes it ready for the web.

It runs apart from the worker, with limits on memory, time and disk, because what it opens came from outside and is
read by a large C library: a file made to harm can end this process, not the worker. It knows nothing of the service.
"""
