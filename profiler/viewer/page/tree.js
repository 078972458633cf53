/* A call tree in typed arrays: functions, parents (before their children), calls, totals (seconds).
 * A derived tree has `origins`: each node's index in the original tree. */

/* Makes lists of children: those of i are list[first[i]] up to list[first[i + 1]], in the order of the tree. */
export async function linkChildren(tree, work) {
	const first = new Uint32Array(tree.count + 1);
	const list = new Uint32Array(Math.max(0, tree.count - 1));

	await work.each(tree.count, (from, to) => {
		for (let i = Math.max(1, from); i < to; i++)
			first[tree.parents[i] + 1]++;
	}, 0, 0.1);
	for (let i = 0; i < tree.count; i++)
		first[i + 1] += first[i];
	const next = first.slice();
	await work.each(tree.count, (from, to) => {
		for (let i = Math.max(1, from); i < to; i++)
			list[next[tree.parents[i]]++] = i;
	}, 0.1, 0.1);
	return { first, list };
}

const LEAST_PART = 1e-12; /* of a total; a smaller part is a rounding error and may be negative */

/* The own time of each node, in seconds. */
export async function ownTimes(tree, work) {
	const own = tree.totals.slice();

	await work.each(tree.count, (from, to) => {
		for (let i = Math.max(1, from); i < to; i++)
			own[tree.parents[i]] -= tree.totals[i];
	}, 0.2, 0.1);
	for (let i = 0; i < tree.count; i++)
		if (own[i] < LEAST_PART * tree.totals[i])
			own[i] = 0;
	return own;
}

/* Makes a tree of the root and the nodes whose function is kept. Callees of a hidden node move to its nearest kept caller. */
export async function keepFunctions(tree, kept, work) {
	const nearest = new Uint32Array(tree.count);
	const origins = new Uint32Array(tree.count);
	const parents = new Uint32Array(tree.count);
	let count = 0;

	await work.each(tree.count, (from, to) => {
		for (let i = from; i < to; i++) {
			const parent = nearest[tree.parents[i]];
			if (i > 0 && !kept[tree.functions[i]]) {
				nearest[i] = parent;
				continue;
			}
			nearest[i] = count;
			origins[count] = i;
			parents[count++] = parent;
		}
	}, 0, 0.1);
	const column = (from) => from.constructor.from(origins.subarray(0, count), (i) => from[i]);
	return {
		count, parents: parents.slice(0, count), origins: origins.slice(0, count), nearest,
		functions: column(tree.functions), calls: column(tree.calls), totals: column(tree.totals),
	};
}

/* The path from the root to the node. */
export function pathOf(tree, node) {
	const path = [node];

	while (node !== 0)
		path.push(node = tree.parents[node]);
	return path.reverse();
}

/* Runs of one function along a path: [{node (the last of them), function, times}]. */
export function runsOf(tree, path) {
	const runs = [];

	for (const node of path) {
		const last = runs[runs.length - 1];
		if (last && last.function === tree.functions[node]) {
			last.node = node;
			last.times++;
		} else
			runs.push({ node, function: tree.functions[node], times: 1 });
	}
	return runs;
}

/* The seconds of the outermost matching nodes. */
export async function matchedSeconds(tree, matched, work) {
	const inside = new Uint8Array(tree.count);
	let seconds = 0;

	await work.each(tree.count, (from, to) => {
		for (let i = from; i < to; i++) {
			const above = i > 0 && inside[tree.parents[i]];
			const hit = matched[tree.functions[i]];
			if (hit && !above)
				seconds += tree.totals[i];
			inside[i] = Number(above || hit);
		}
	});
	return seconds;
}
