#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const fs = require("fs");
const path = require("path");
const zlib = require("zlib");
const { becomes, drawn, ok, run, same } = require("./viewer.js");

const PAGES = { requests: "", profile: "#id=before.prof", pairs: "#id=unittest.prof&view=sunburst", compare: "#page=compare&before=before.prof&after=after.prof" };
const LEAST_CONTRAST = 4.5; /* WCAG 2.1, 1.4.3 */
const LEAST_MARK = 3; /* 1.4.11 */

/* In the page: how one reads a colour there, and how two differ. */
function addContrast() {
	window.parseColour = (colour) => {
		const canvas = document.createElement("canvas").getContext("2d");
		canvas.fillStyle = colour;
		canvas.fillRect(0, 0, 1, 1);
		return Array.from(canvas.getImageData(0, 0, 1, 1).data);
	};
	const light = ([red, green, blue]) => [red, green, blue].map((one) => one / 255)
		.map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4).reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
	window.contrastOf = (left, right) => (Math.max(light(left), light(right)) + 0.05) / (Math.min(light(left), light(right)) + 0.05);
}

/* The least contrast of text on a box, of any colour that there is, and of what is drawn around one. */
async function boxContrast() {
	const { changeColour, fileColours, heatColours, palette } = await import(new URL("colours.js", location.href.replace(/#.*/, "")));
	const files = Array.from({ length: 500 }, (_, i) => [`/srv/file-${i % 100}.c`, i, `function_${i}`]);
	const boxes = { file: [...fileColours([...files, ["~", 0, "<f>"]])], own: heatColours(), change: Array.from({ length: 41 }, (_, i) => changeColour(i / 20 - 1)), merged: [palette().merged] };
	const least = (colours, other) => Math.min(...colours.map((colour) => contrastOf(parseColour(colour), parseColour(other))));

	return { text: Object.fromEntries(Object.entries(boxes).map(([name, colours]) => [name, least(colours, palette().text)])),
		around: Math.min(least(Object.values(boxes).flat(), palette().mark), least(Object.values(boxes).flat(), palette().cursor)) };
}

/* The text whose contrast to what is behind it is least. */
function leastContrast() {
	const behind = (node) => {
		for (; node; node = node.parentElement) {
			const colour = parseColour(getComputedStyle(node).backgroundColor);
			if (colour[3] > 250)
				return colour;
		}
		return [255, 255, 255];
	};
	let least = [99, ""];

	for (const node of document.querySelectorAll("main *, header *")) {
		if (!node.offsetParent || node.disabled || node.closest(":disabled") || !Array.from(node.childNodes).some((one) => one.nodeType === 3 && one.data.trim()))
			continue;
		const contrast = contrastOf(parseColour(getComputedStyle(node).color), behind(node));
		if (contrast < least[0])
			least = [contrast, `${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}`];
	}
	return least;
}

run(async ({ open, base }) => {
	const pictures = process.env.KOMORI_SCREENSHOTS;

	for (const width of [1280, 390])
		for (const dark of [false, true])
			for (const [name, hash] of Object.entries(PAGES)) {
				const what = `${name}, ${width} pixels, ${dark ? "dark" : "light"}`;
				const page = await open(hash, { width, height: width === 390 ? 844 : 800, dark });
				if (name === "requests")
					await page.waitForSelector(".list tbody tr[data-index]");
				same(await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth), 0, `${what}: nothing lies beside the page`);
				await page.evaluate(addContrast);
				if (name === "profile") {
					const { text, around } = await page.evaluate(boxContrast);
					for (const [kind, found] of Object.entries(text))
						ok(found >= LEAST_CONTRAST, `${what}: text on boxes coloured by ${kind}: contrast ${found.toFixed(1)} at least`);
					ok(around >= LEAST_MARK, `${what}: what marks a box differs from it: ${around.toFixed(1)} at least`);
				}
				const [contrast, where] = await page.evaluate(leastContrast);
				ok(contrast >= LEAST_CONTRAST, `${what}: contrast ${contrast.toFixed(1)} at least, at ${JSON.stringify(where)}`);
				const shifts = await page.evaluate(() => window.shifts);
				ok(shifts < 0.05, `${what}: nothing jumps while it loads (${shifts.toFixed(3)})`);
				const nameless = await page.evaluate(() => Array.from(document.querySelectorAll("button, select, input, canvas:not([aria-hidden]), a"))
					.filter((one) => one.offsetParent && !(one.getAttribute("aria-label") || one.textContent.trim() || one.title || one.closest("label")?.textContent.trim()))
					.map((one) => one.outerHTML.slice(0, 80)));
				same(nameless, [], `${what}: every control has a name`);
				if (pictures)
					await page.screenshot({ path: path.join(pictures, `${name}-${width}-${dark ? "dark" : "light"}.png`) });
				await page.context().close();
			}

	const page = await open("#id=before.prof");
	const before = await page.locator(".graph").boundingBox();
	for (const key of ["k", "s", "b", "m", "m", "c", "u"])
		await page.keyboard.press(key);
	await page.fill(".tools input[type=search]", "expand");
	await becomes(() => page.locator(".found").textContent(), "1 function, 99.6 %", "a search shows its share");
	await drawn(page);
	same(await page.locator(".graph").boundingBox(), before, "nothing moves the graph");

	const folder = path.join(__dirname, "../../profiler/viewer/page");
	const weight = fs.readdirSync(folder).reduce((sum, file) => sum + zlib.gzipSync(fs.readFileSync(path.join(folder, file))).length, 0);
	ok(weight < 60 * 1024, `the page weighs ${weight} bytes, compressed`);
	const policy = (await fetch(base)).headers.get("content-security-policy");
	ok(/default-src 'none'/.test(policy) && !/unsafe/.test(policy), "its policy allows nothing inline");
});
