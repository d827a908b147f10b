-- Asks for the addresses of a file in turn, each thread from another one, and
-- prints how long the answers took.
--
--   wrk -s bench/load.lua URL -- FILE [BODY]
--
-- FILE has a path a line; with BODY, a file, each is a POST of a form.

local paths, at, body, headers = {}, 1, nil, {}
local threads = 0

function setup(thread)
	threads = threads + 1
	thread:set("number", threads)
end

function init(args)
	for line in io.lines(args[1]) do
		paths[#paths + 1] = line
	end
	at = number * 7919 % #paths
	if args[2] then
		local f = assert(io.open(args[2]))
		body = f:read("*a")
		f:close()
		headers["Content-Type"] = "application/x-www-form-urlencoded"
	end
	headers["Accept-Encoding"] = "gzip"
	-- Each request is put together once: what is measured is not Lua.
	for i, path in ipairs(paths) do
		paths[i] = wrk.format(body and "POST" or "GET", path, headers, body)
	end
end

function request()
	at = at % #paths + 1
	return paths[at]
end

function done(summary, latency)
	local e = summary.errors
	print(string.format("requests=%d bytes=%d seconds=%.3f p50_ms=%.3f p99_ms=%.3f p999_ms=%.3f failed=%d",
		summary.requests, summary.bytes, summary.duration / 1e6,
		latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000,
		e.connect + e.read + e.write + e.status + e.timeout))
end
