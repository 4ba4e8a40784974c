"""The map: a server that reads, and a page that draws what the server tells it."""
