"""Stand-ins of the WhatsApp providers: small servers on this machine, for tests and for trying out."""
