"""People and units in bulk: tables of them in and out, and slips with first passwords to print."""
