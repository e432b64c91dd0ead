"""Activity records: learning that happens outside the service, entered with evidence and confirmed."""
