"""What one Lambda invocation does around the loop: logs, metrics and events."""
