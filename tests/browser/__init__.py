"""Tests in a real browser; a package, so that its browser and the service it asks are ended with it."""
