"""WhatsApp: Meta's Cloud API, 360dialog and WAHA, in and out.

The way in:  webhooks (whose is it, is it signed) -> cloud_updates | waha_updates (what it tells, in
the words of `updates`) -> reception (to conversations, to deliveries, to the number itself;
`hidden_ids`: whose an id without a number is).

The way out: channel (pace, window, what a refusal means for the worker) -> shaping (buttons, a list,
numbered text, parts) -> cloud | dialog360 | waha (one `Provider` each) -> calls (HTTP).

The numbers: numbers (of a bot's file or of a command, secrets resolved), switchboard (all of a
process, by name), supervision (those paired by QR code, kept connected).

For whoever tries it: standins (the providers on this machine), and the commands.
"""
