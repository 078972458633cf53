#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const { becomes, drawn, ok, run, same, text } = require("./viewer.js");

const bySize = (left, right) => JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;

/* All rows, also those that are not in the document before it scrolls. */
async function rows(page) {
	const found = new Map();
	const total = await page.evaluate(() => Number(document.querySelector(".table .grid").getAttribute("aria-rowcount")) - 1);

	for (let top = 0; found.size < total && top < 28 * total + 1000; top += 300) {
		await page.evaluate((to) => {
			document.querySelector(".table .grid").scrollTop = to;
			return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
		}, top);
		for (const [index, cells] of await page.evaluate(() => Array.from(document.querySelectorAll(".table tbody tr[data-index]"),
			(line) => [line.dataset.index, Array.from(line.children, (cell) => cell.textContent)])))
			found.set(index, cells);
	}
	return [...found.entries()].sort(([left], [right]) => left - right).map(([, cells]) => cells);
}

run(async ({ known, open }) => {
	let page = null;

	for (const [file, wanted] of Object.entries(known.tables)) {
		if (page)
			await page.context().close();
		page = await open(`#id=${file}`, { height: 1000 });
		same((await rows(page)).sort(bySize), wanted.sort(bySize), `${file}: each number is pstats' (${wanted.length} rows)`);
	}
	await page.context().close();

	page = await open("#id=before.prof");
	const firsts = async () => (await rows(page)).map((row) => row[0]);
	await page.click('.table th[data-key="ncalls"] button');
	await becomes(async () => (await firsts())[0], "9841/1", "sorted by calls: the most first");
	await page.click('.table th[data-key="ncalls"] button');
	await becomes(async () => (await firsts()).at(-1), "9841/1", "turned: the most last");
	await page.click('.table th[data-key="name"] button');
	const names = (await rows(page)).map((row) => row[5]);
	same(names, names.slice().sort((left, right) => left < right ? -1 : 1), "sorted by name: ascending");
	await page.reload();
	await drawn(page);
	same(await page.getAttribute('.table th[data-key="name"]', "aria-sort"), "ascending", "the order is kept over a reload");

	await page.locator(".table tr", { hasText: "(heaviest)" }).click();
	await becomes(text(page, ".side h2"), "heaviest", "a click on a row focuses the function");
	await becomes(() => page.locator('.table tr[aria-selected="true"]').textContent().then((all) => all.endsWith("(heaviest)")), true, "its row is marked");
	await becomes(() => page.locator(".graph").getAttribute("data-marked"), "1", "and its boxes in the graph");
	await page.goBack();
	await becomes(() => page.locator('.table tr[aria-selected="true"]').count(), 0, "the back button takes the focus away");
	await page.focus(".table .grid");
	await page.keyboard.press("Home");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await becomes(() => page.locator('.table tr[aria-selected="true"]').getAttribute("data-index"), "1", "the keys choose a row");

	await page.keyboard.press("u");
	await becomes(async () => (await rows(page)).find((row) => row[5].includes("qsort"))[1], "80.0 µs", "times with units on request");
	ok(page.url().includes("units=short"), "which the URL keeps");
});
