/* One profile. Computes once what its views need: trees with and without libraries, layouts, own times. */
import { layOut } from "./layout.js";
import { nodeOfPath, pathText, steadyNames } from "./path_text.js";
import { treeOfPairs } from "./pairs_tree.js";
import { shortName } from "./text.js";
import { keepFunctions, linkChildren, ownTimes } from "./tree.js";

export class ProfileModel {
	constructor(profile) {
		this.profile = profile;
		this.cache = new Map();
	}

	async load(work) {
		this.tree = this.profile.tree || await treeOfPairs(this.profile, work);
		this.names = this.profile.functions.map(shortName);
		this.steadyNames = steadyNames(this.profile.functions);
		this.rows = new Map(this.profile.rows.map((row) => [row[0], row]));
		return this;
	}

	async once(key, make) {
		if (!this.cache.has(key)) {
			const made = await make();
			this.cache.set(key, made);
		}
		return this.cache.get(key);
	}

	/* {tree, layout, own, nodeOf(original), originalOf(node)} */
	scene(heavy, mine, work) {
		return this.once(`scene ${heavy} ${mine}`, async () => {
			const tree = await this.shownTree(mine, work);
			return {
				tree,
				layout: await layOut(tree, heavy, work),
				own: await this.once(`own ${mine}`, () => ownTimes(tree, work)),
				nodeOf: (original) => tree.nearest ? tree.nearest[original] : original,
				originalOf: (node) => tree.origins ? tree.origins[node] : node,
			};
		});
	}

	shownTree(mine, work) {
		if (!mine)
			return this.tree;
		return this.once("mine", () => keepFunctions(this.tree, Uint8Array.from(this.profile.functions, ([file]) => Number(file !== "~")), work));
	}

	children(work) {
		return this.once("children", () => linkChildren(this.tree, work));
	}

	/* The nodes of each function f: list[first[f]] up to list[first[f + 1]]. */
	nodesOf(work) {
		return this.once("nodes", async () => {
			const { functions, count } = this.tree;
			const first = new Uint32Array(this.profile.functions.length + 1), list = new Uint32Array(count);
			for (let i = 0; i < count; i++)
				first[functions[i] + 1]++;
			for (let i = 0; i + 1 < first.length; i++)
				first[i + 1] += first[i];
			const next = first.slice();
			await work.each(count, (from, to) => {
				for (let i = from; i < to; i++)
					list[next[functions[i]]++] = i;
			});
			return { first, list };
		});
	}

	pathText(node) {
		return pathText(this.tree, this.steadyNames, node);
	}

	nodeOfPath(text, children) {
		return nodeOfPath(this.tree, this.steadyNames, children, text);
	}

	steadyName(index) {
		return this.steadyNames[index];
	}

	/* The function with a steady name, or -1. */
	functionOfName(name) {
		return name ? this.steadyNames.indexOf(name) : -1;
	}
}
