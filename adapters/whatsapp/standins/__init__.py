"""Stand-ins of the WhatsApp providers: real HTTP on this machine, no account and no phone."""
