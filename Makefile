.PHONY: serve test check chat lock
serve test check chat lock:; @./run $@
