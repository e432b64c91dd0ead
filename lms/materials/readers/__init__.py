"""Text out of EPUB, DOCX, PPTX and HTML files, in a process of its own.

Nothing here imports the service, and inside the package only relative imports are used: the child process takes the
folder for a package of its own name and so starts fast, with nothing to lose.
"""
