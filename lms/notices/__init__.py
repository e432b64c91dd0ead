"""Notices: what the service tells a member, once for each thing, until it is read."""
