/* Decodes api/profile: "KMPV", version, a JSON header, the columns of the tree. */

const VERSION = 1;

export function decodeProfile(buffer) {
	const bytes = new DataView(buffer);

	if (buffer.byteLength < 12 || bytes.getUint32(0, false) !== 0x4b4d5056)
		throw new Error("this is not a profile");
	if (bytes.getUint32(4, true) !== VERSION)
		throw new Error(`the profile is in version ${bytes.getUint32(4, true)} of the format, this page reads ${VERSION}`);
	const length = bytes.getUint32(8, true);
	const profile = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length)));

	profile.tree = profile.exact ? columns(buffer, 12 + length, profile) : null;
	return profile;
}

function columns(buffer, start, { nodes, functions }) {
	let at = Math.ceil(start / 8) * 8;
	const take = (type) => {
		const column = new type(buffer, at, nodes);
		at += Math.ceil(column.byteLength / 8) * 8;
		return column;
	};
	const tree = {
		count: nodes,
		functions: take(Uint32Array),
		parents: take(Uint32Array),
		calls: take(Float64Array),
		totals: take(Float64Array),
	};

	for (let i = 0; i < nodes; i++)
		if (tree.functions[i] >= functions.length || tree.parents[i] > (i && i - 1))
			throw new Error("the profile's tree is damaged");
	return tree;
}
