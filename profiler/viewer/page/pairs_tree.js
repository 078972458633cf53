/* Makes a tree from pairs of caller and callee. A callee's time on a path is its time below that caller, scaled to
 * the caller's part of its own time. Shares below the second level are estimates. */

const MOST_NODES = 60000, MOST_DEPTH = 200, LEAST = 1e-5;

export async function treeOfPairs(profile, work) {
	const callees = new Map(), rows = new Map();

	for (const [index, primitive, calls, , cumtime] of profile.rows)
		rows.set(index, { primitive, calls, cumtime });
	for (const [index, caller, calls, , , cumtime] of profile.callers) {
		if (!callees.has(caller))
			callees.set(caller, []);
		callees.get(caller).push({ index, calls, cumtime: cumtime || 0 });
	}
	const roots = rootsOf(profile, rows);
	const nodes = new Growing();
	const one = roots.length === 1;
	const whole = roots.reduce((sum, root) => sum + root.seconds, 0);
	if (!one)
		nodes.add(profile.functions.push(["~", 0, "<all>"]) - 1, 0, 1, whole, 0);
	for (const { index, calls, seconds } of roots)
		nodes.add(index, 0, calls, seconds, one ? 0 : 1);
	if (!one)
		profile.labels.push("{all}");
	for (let i = one ? 0 : 1; i < nodes.length && nodes.length < MOST_NODES; i++) {
		await work.pause(i / MOST_NODES);
		const index = nodes.functions[i], row = rows.get(index), depth = nodes.depths[i];
		if (depth >= MOST_DEPTH || nodes.totals[i] < LEAST * whole || !callees.has(index))
			continue;
		const part = row && row.cumtime > 0 ? Math.min(1, nodes.totals[i] / row.cumtime) : 0;
		const mine = callees.get(index).filter((callee) => !nodes.onPath(i, callee.index));
		const sum = mine.reduce((total, callee) => total + callee.cumtime * part, 0);
		const fit = sum > nodes.totals[i] ? nodes.totals[i] / sum : 1;
		for (const callee of mine)
			nodes.add(callee.index, i, callee.calls * part, callee.cumtime * part * fit, depth + 1);
	}
	return {
		count: nodes.length, estimated: true, rootIsMade: !one, /* {all} is not a function and has no calls */
		functions: Uint32Array.from(nodes.functions), parents: Uint32Array.from(nodes.parents),
		calls: Float64Array.from(nodes.calls), totals: Float64Array.from(nodes.totals),
	};
}

/* Finds functions with more calls than their callers made: [{index, calls, seconds}]. exec, for instance, may run before importlib calls it.
 * A row's cumtime is of outermost calls only, a pair's cumtime is not, so the remaining time of a root has two bounds. The roots share
 * the time of the profile between these bounds. */
function rootsOf(profile, rows) {
	const pairs = new Map(Array.from(rows.keys(), (index) => [index, { calls: 0, seconds: 0, others: 0 }]));

	for (const [index, caller, calls, , , cumtime] of profile.callers) {
		const pair = pairs.get(index);
		pair.calls += calls;
		if (caller !== index) {
			pair.others++;
			pair.seconds += cumtime ?? Infinity; /* unknown */
		}
	}
	const roots = [];
	for (const [index, { primitive, calls, cumtime }] of rows) {
		const { calls: known, seconds, others } = pairs.get(index);
		const left = calls - known;
		if (left > 0 || !others)
			roots.push({ index, calls: left > 0 ? left : calls, most: cumtime, seconds: left >= primitive || !others ? cumtime : Math.max(0, cumtime - seconds) });
	}
	if (!roots.length && rows.size) {
		const [index, { calls, cumtime }] = [...rows].reduce((longest, row) => row[1].cumtime > longest[1].cumtime ? row : longest);
		return [{ index, calls, seconds: cumtime }];
	}
	const sum = (of) => roots.reduce((total, root) => total + of(root), 0);
	const room = sum((root) => root.most - root.seconds);
	const part = room > 0 ? Math.min(1, Math.max(0, profile.total_time - sum((root) => root.seconds)) / room) : 0;
	return roots.map(({ index, calls, most, seconds }) => ({ index, calls, seconds: seconds + part * (most - seconds) }));
}

class Growing {
	functions = [];
	parents = [];
	calls = [];
	totals = [];
	depths = [];

	get length() {
		return this.functions.length;
	}

	add(index, parent, calls, total, depth) {
		this.functions.push(index);
		this.parents.push(parent);
		this.calls.push(calls);
		this.totals.push(total);
		this.depths.push(depth);
	}

	onPath(node, index) {
		for (;;) {
			if (this.functions[node] === index)
				return true;
			if (node === this.parents[node])
				return false;
			node = this.parents[node];
		}
	}
}
