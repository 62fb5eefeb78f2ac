"""What waits and works around the turn: it may import asyncio, the core may not."""
