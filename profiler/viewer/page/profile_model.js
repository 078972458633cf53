/* One profile, with what the views need worked out once: trees with and without libraries, layouts, own times. */
import { layOut } from "./layout.js";
import { treeOfPairs } from "./pairs_tree.js";
import { shortName } from "./text.js";
import { keepFunctions, linkChildren, ownTimes, pathOf } from "./tree.js";

export class ProfileModel {
	constructor(profile) {
		this.profile = profile;
		this.cache = new Map();
	}

	async load(work) {
		this.tree = this.profile.tree || await treeOfPairs(this.profile, work);
		this.names = this.profile.functions.map(shortName);
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
		return this.once("mine", () => keepFunctions(this.tree, Uint8Array.from(this.profile.functions, ([file]) => file !== "~"), work));
	}

	children(work) {
		return this.once("children", () => linkChildren(this.tree, work));
	}

	/* The nodes of each function, as children are told: list[first[f]] up to list[first[f + 1]]. */
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

	/* A node as a text that means the same path in another profile of the same program. */
	pathText(node) {
		const names = [];

		for (const at of pathOf(this.tree, node).slice(1)) {
			const name = this.steadyName(this.tree.functions[at]);
			const last = names[names.length - 1];
			if (last && last.name === name)
				last.times++;
			else
				names.push({ name, times: 1 });
		}
		return names.map(({ name, times }) => encodeURIComponent(name) + (times > 1 ? "*" + times : "")).join("/");
	}

	/* The node of such a text, or the deepest one on the way. */
	nodeOfPath(text, { first, list }) {
		let node = 0;

		for (const step of text.split("/").filter(Boolean)) {
			const [name, times] = step.split("*");
			let wanted;
			try {
				wanted = decodeURIComponent(name);
			} catch {
				return node;
			}
			for (let i = Math.min(Number(times) || 1, this.tree.count); i > 0; i--) {
				const children = list.subarray(first[node], first[node + 1]);
				const next = children.find((child) => this.steadyName(this.tree.functions[child]) === wanted);
				if (next === undefined)
					return node;
				node = next;
			}
		}
		return node;
	}

	/* Without the line, which an edit moves. */
	steadyName(index) {
		const [file, , name] = this.profile.functions[index];

		return file === "~" ? name : `${file.slice(file.lastIndexOf("/") + 1)}:${name}`;
	}

	/* The function of such a name, -1 when there is none. */
	functionOfName(name) {
		this.byName = this.byName || new Map(this.profile.functions.map((_, i) => [this.steadyName(i), i]).reverse());
		return name && this.byName.has(name) ? this.byName.get(name) : -1;
	}
}
