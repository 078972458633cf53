/* Nodes and functions as text that is valid in other profiles of the same program. */
import { runsOf, pathOf } from "./tree.js";

/* Makes a name for each function, without its line, which edits move. Functions of one name are numbered by file and line. */
export function steadyNames(functions) {
	const names = functions.map(([file, , name]) => file === "~" ? name : `${file.slice(file.lastIndexOf("/") + 1)}:${name}`);
	const order = Array.from(functions.keys()).sort((left, right) => functions[left][0] < functions[right][0] ? -1
		: functions[left][0] > functions[right][0] ? 1 : functions[left][1] - functions[right][1]);
	const seen = new Map();

	for (const index of order) {
		const name = names[index], count = (seen.get(name) || 0) + 1;
		seen.set(name, count);
		names[index] = count > 1 ? `${name}~${count}` : name;
	}
	return names;
}

/* Makes "plans/expand*3": the steady names on the path from the root, runs of one function as a count. */
export function pathText(tree, names, node) {
	return runsOf(tree, pathOf(tree, node).slice(1))
		.map(({ function: index, times }) => encodeURIComponent(names[index]).replaceAll("*", "%2A") + (times > 1 ? "*" + times : "")).join("/");
}

/* Finds the node of such a text, or the deepest one that exists. The third argument comes from linkChildren(). */
export function nodeOfPath(tree, names, { first, list }, text) {
	let node = 0;

	for (const step of text.split("/").filter(Boolean)) {
		const [name, times] = step.split("*");
		let wanted;
		try {
			wanted = decodeURIComponent(name);
		} catch {
			return node;
		}
		for (let i = Math.min(Number(times) || 1, tree.count); i > 0; i--) {
			const next = list.subarray(first[node], first[node + 1]).find((child) => names[tree.functions[child]] === wanted);
			if (next === undefined)
				return node;
			node = next;
		}
	}
	return node;
}
