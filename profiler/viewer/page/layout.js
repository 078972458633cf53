/* Places the boxes of a tree by depth, and within a depth from left to right. So a row is one range
 * of the arrays, and bisection finds the box at a point. Units are seconds. */
import { linkChildren } from "./tree.js";

/* heavy: children stand by total time, the longest leftmost; else in the order of their first call. */
export async function layOut(tree, heavy, work) {
	const { first, list } = await linkChildren(tree, work);
	const layout = {
		nodes: new Uint32Array(tree.count),
		starts: new Float64Array(tree.count),
		ends: new Float64Array(tree.count),
		boxes: new Uint32Array(tree.count), /* by node */
		parents: new Uint32Array(tree.count), /* boxes */
		firsts: new Uint32Array(tree.count + 1), /* a box's children are consecutive */
		rows: [0],
		tree,
	};
	const { nodes, starts, ends, boxes, parents, firsts, rows } = layout;
	let filled = tree.count ? 1 : 0;

	ends[0] = tree.totals[0];
	if (heavy)
		await work.each(tree.count, (from, to) => {
			for (let i = from; i < to; i++)
				heaviestFirst(list, first[i], first[i + 1], tree.totals);
		}, 0.3, 0.3);
	let rowEnd = filled;
	await work.each(tree.count, (from, to) => {
		for (let box = from; box < to; box++) {
			if (box === rowEnd) {
				rows.push(box);
				rowEnd = filled;
			}
			const node = nodes[box];
			let at = starts[box];
			firsts[box] = filled;
			for (let i = first[node]; i < first[node + 1]; i++) {
				const child = list[i];
				nodes[filled] = child;
				boxes[child] = filled;
				parents[filled] = box;
				starts[filled] = at;
				at = Math.min(ends[box], at + Math.max(0, tree.totals[child]));
				ends[filled++] = at;
			}
		}
	}, 0.6, 0.4);
	firsts[tree.count] = filled;
	rows.push(filled);
	return layout;
}

function heaviestFirst(list, from, to, totals) {
	if (to - from > 16) {
		list.subarray(from, to).sort((left, right) => totals[right] - totals[left]);
		return;
	}
	for (let i = from + 1; i < to; i++) {
		const one = list[i];
		let at = i;
		for (; at > from && totals[list[at - 1]] < totals[one]; at--)
			list[at] = list[at - 1];
		list[at] = one;
	}
}

export function depthOf(layout, box) {
	const { rows } = layout;
	let low = 0, high = rows.length - 1;

	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (rows[middle] <= box)
			low = middle;
		else
			high = middle;
	}
	return low;
}

function depthCount(layout) {
	return layout.rows.length - 1;
}

/* The first box of the row, from `low` on, that ends after x, or the end of the row. */
function firstEndingAfter(layout, depth, x, low = layout.rows[depth]) {
	const { ends, rows } = layout;
	let high = rows[depth + 1];

	while (low < high) {
		const middle = (low + high) >> 1;
		if (ends[middle] > x)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The box at that depth and x, or -1. */
export function boxAt(layout, depth, x) {
	if (depth < 0 || depth >= depthCount(layout))
		return -1;
	const box = firstEndingAfter(layout, depth, x);
	return box < layout.rows[depth + 1] && layout.starts[box] <= x ? box : -1;
}

/* How many rows below a box have boxes within it, at most `most`. */
export function rowsBelow(layout, box, most) {
	const depth = depthOf(layout, box);
	let low = box, high = box + 1, count = 0;

	while (count < most && depth + count + 1 < depthCount(layout)) {
		low = layout.firsts[low];
		high = layout.firsts[high];
		if (low >= high)
			break;
		count++;
	}
	return count;
}

/* Calls visit(box, from, to) for boxes between x0 and x1 that are at least `least` wide, and
 * merged(from, to) for ranges of narrower boxes, rounded to the grain. */
export function visitRow(layout, depth, x0, x1, grain, least, visit, merged) {
	const { starts, ends, rows } = layout;
	const end = rows[depth + 1];
	let box = firstEndingAfter(layout, depth, x0);
	let from = NaN, to = NaN;

	while (box < end && starts[box] < x1) {
		if (ends[box] - starts[box] >= least) {
			visit(box, starts[box], ends[box]);
			box++;
			continue;
		}
		const cell = Math.floor((starts[box] - x0) / grain) * grain + x0;
		const reach = Math.max(cell + grain, ends[box]);
		if (cell > to || Number.isNaN(from)) {
			if (!Number.isNaN(from))
				merged(from, to);
			from = cell;
		}
		to = reach;
		box = firstEndingAfter(layout, depth, cell + grain, box + 1); /* may be a wide box that begins inside this cell */
	}
	if (!Number.isNaN(from))
		merged(from, to);
}
