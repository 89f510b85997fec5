-- The load of one scenario, and its result as one line. usage: wrk -s load.lua URL -- MODE
function init(args)
  local mode = args[1]
  if mode == "close" then
    wrk.headers["Connection"] = "close"
  elseif mode == "ten" then
    local keep = wrk.format()
    wrk.headers["Connection"] = "close"
    local close = wrk.format()
    local count = 0
    request = function()
      count = count + 1
      return count % 10 == 0 and close or keep
    end
  elseif mode == "pipelined" then
    local sixteen = string.rep(wrk.format(), 16)
    request = function() return sixteen end
  elseif mode == "post" then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("x", 65536)
  end
end

-- all times in microseconds
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    "compare: requests=%d duration=%d bytes=%d connect=%d read=%d write=%d timeout=%d status=%d"
      .. " p50=%d p99=%d p99.9=%d max=%d\n",
    summary.requests, summary.duration, summary.bytes, e.connect, e.read, e.write, e.timeout, e.status,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
