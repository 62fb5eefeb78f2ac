-- Asks as many visitors at once: each request is the next visitor's next text. One thread per process.
-- env TOKENS: a file with a line "TOKEN ADDRESS" for each visitor.
local texts = {
  '{"text":"i need 11 remote controls"}',
  '{"text":"Hari, 8848850922, hari@example.com"}',
  '{"text":"cancel"}',
  '{"text":"yes"}',
}
local requests, at = {}, 0

function init(_)
  local heads = {}
  for line in io.lines(os.getenv("TOKENS")) do
    local token, address = line:match("(%S+) (%S+)")
    heads[#heads + 1] = {
      ["Authorization"] = "Bearer " .. token,
      ["X-Forwarded-For"] = address,
      ["Content-Type"] = "application/json",
    }
  end
  for _, text in ipairs(texts) do
    for _, head in ipairs(heads) do
      requests[#requests + 1] = wrk.format("POST", "/api/chat", head, text)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'FIGURES {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"cut":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
