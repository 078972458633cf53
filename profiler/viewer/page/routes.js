/* Counts and times by route. */

/* {rows: [{name, count, failed, min, median, p95, p99, max, times (sorted)}], nameOf(request)} */
export function routesOf(requests) {
	const groups = new Map();

	for (const request of requests) {
		if (request.error || request.pending)
			continue;
		const name = nameOf(request);
		if (!groups.has(name))
			groups.set(name, { name, failed: 0, times: [] });
		const group = groups.get(name);
		group.times.push(request.elapsed);
		if (request.status >= 500 || request.outcome && request.outcome !== "finished")
			group.failed++;
	}
	return { rows: Array.from(groups.values(), measured), nameOf };
}

/* Paths that no route took are one, as PROFILE_KEEP counts them. */
function nameOf({ method, route, path }) {
	if (!method && !route && !path)
		return "files";
	return [method, route || (method ? "(no route)" : path)].filter(Boolean).join(" ");
}

function measured(group) {
	const times = Float64Array.from(group.times).sort();
	const at = (part) => times[Math.max(0, Math.ceil(part * times.length) - 1)]; /* nearest rank */

	return { ...group, times, count: times.length, min: times[0], median: at(0.5), p95: at(0.95), p99: at(0.99), max: times[times.length - 1] };
}
