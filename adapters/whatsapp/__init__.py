"""WhatsApp: Meta's Cloud API, 360dialog and WAHA, in and out."""
