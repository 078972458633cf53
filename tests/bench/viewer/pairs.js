/* A profile drawn from pairs of caller and callee, in the way of snakeviz but none of its code: the tree is guessed
 * by following callees from the function with the most cumulative time, each one's seconds scaled to its caller's part; never
 * into a function that is on the way, at most 10 deep, and no box below a thousandth (its defaults). A box is an SVG
 * element, a function a row of a table. A click expands anew from what was clicked. */

const DEPTH = 10, CUTOFF = 0.001, ROW = 30, SVG = "http://www.w3.org/2000/svg";
const { functions, root } = await (await fetch("pairs.json")).json();
const picture = document.querySelector("svg"), told = document.getElementById("told");

function expand(name, seconds, whole, depth, around) {
	const { stats, children } = functions[name];
	const box = { name, seconds, children: [] };

	if (depth === 0)
		return box;
	const part = stats[3] > 0 ? Math.min(1, seconds / stats[3]) : 0;
	around.add(name);
	for (const [callee, pair] of Object.entries(children))
		if (!around.has(callee) && pair[3] * part >= CUTOFF * whole)
			box.children.push(expand(callee, pair[3] * part, whole, depth - 1, around));
	around.delete(name);
	box.children.sort((left, right) => right.seconds - left.seconds);
	return box;
}

function place(box, x, row, scale) {
	const group = document.createElementNS(SVG, "g"), rect = document.createElementNS(SVG, "rect"), text = document.createElementNS(SVG, "text");
	let at = x;

	for (const [key, value] of [["x", x], ["y", row * ROW], ["width", box.seconds * scale], ["height", ROW - 1], ["fill", `hsl(${box.name.length * 29 % 360} 60% 75%)`]])
		rect.setAttribute(key, value);
	text.setAttribute("x", x + 3);
	text.setAttribute("y", row * ROW + 20);
	text.textContent = box.name.slice(0, box.seconds * scale / 8);
	group.append(rect, text);
	group.addEventListener("mousemove", () => {
		told.textContent = `${box.name} ${box.seconds.toFixed(6)} s`;
		rect.setAttribute("stroke", "black");
	});
	group.addEventListener("mouseout", () => rect.removeAttribute("stroke"));
	group.addEventListener("click", () => draw(box.name));
	picture.append(group);
	for (const child of box.children) {
		place(child, at, row + 1, scale);
		at += child.seconds * scale;
	}
}

/* Milliseconds until the boxes are in the document. */
function draw(name) {
	const started = performance.now();
	const seconds = functions[name].stats[3];

	picture.replaceChildren();
	place(expand(name, seconds, seconds, DEPTH, new Set()), 0, 0, 1200 / seconds);
	window.drew = performance.now() - started;
}

document.querySelector("tbody").append(...Object.entries(functions).map(([name, { stats: [primitive, calls, own, total] }]) => {
	const line = document.createElement("tr");
	line.append(...[calls === primitive ? calls : `${calls}/${primitive}`, own.toFixed(6), (own / calls).toFixed(6), total.toFixed(6), (total / primitive).toFixed(6), name].map((cell) => {
		const made = document.createElement("td");
		made.textContent = cell;
		return made;
	}));
	return line;
}));
draw(root);
window.reset = () => draw(root);
document.body.dataset.drawn = "yes";
