"""Runs Amazon Rekognition Custom Labels models by a business-hours schedule, and loses no message."""
