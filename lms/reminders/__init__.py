"""Reminders: while there is still time to catch up, once for each thing, and never by a timer in a government body."""
