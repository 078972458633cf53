/* A tree of a profile that has only pairs of caller and callee: a callee's time below a path is its time
 * below that caller, scaled to the caller's part. Shares below the second level are estimates. */

const MOST_NODES = 60000, MOST_DEPTH = 200, LEAST = 1e-5;

export async function treeOfPairs(profile, work) {
	const callees = new Map(), called = new Set(), rows = new Map();

	for (const [index, primitive, calls, tottime, cumtime] of profile.rows)
		rows.set(index, { calls, tottime, cumtime });
	for (const [index, caller, calls, , , cumtime] of profile.callers) {
		if (index !== caller)
			called.add(index);
		if (!callees.has(caller))
			callees.set(caller, []);
		callees.get(caller).push({ index, calls, cumtime: cumtime || 0 });
	}
	let roots = [...rows.keys()].filter((index) => !called.has(index));
	if (!roots.length)
		roots = [...rows.keys()].sort((left, right) => rows.get(right).cumtime - rows.get(left).cumtime).slice(0, 1);
	const nodes = new Growing();
	const one = roots.length === 1;
	const whole = roots.reduce((sum, index) => sum + rows.get(index).cumtime, 0);
	if (!one)
		nodes.add(profile.functions.push(["~", 0, "<all>"]) - 1, 0, 1, whole, 0);
	for (const index of roots)
		nodes.add(index, 0, rows.get(index).calls, rows.get(index).cumtime, one ? 0 : 1);
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
		count: nodes.length, estimated: true, rootIsMade: !one, /* {all} is no function: nobody called it */
		functions: Uint32Array.from(nodes.functions), parents: Uint32Array.from(nodes.parents),
		calls: Float64Array.from(nodes.calls), totals: Float64Array.from(nodes.totals),
	};
}

class Growing {
	constructor() {
		Object.assign(this, { functions: [], parents: [], calls: [], totals: [], depths: [] });
	}

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
