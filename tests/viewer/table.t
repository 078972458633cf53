#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const { PATIENCE_MS, becomes, drawn, ok, run, same, text } = require("./viewer.js");

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

const UNITS = { s: 1, ms: 1e-3, "µs": 1e-6, ns: 1e-9 };

/* Callers and callees of the function that the panel shows: [[calls, seconds], ...] each. */
function shownPartners(page) {
	return page.evaluate((units) => Array.from(document.querySelectorAll(".side h3"), (title) => Array.from(title.nextElementSibling.querySelectorAll(".tree-line"), (line) => {
		const [calls, time] = Array.from(line.querySelectorAll(".n"), (one) => one.textContent.replaceAll(",", ""));
		return [Number(calls.replace("×", "")), parseFloat(time) * units[time.split(" ")[1]]];
	})), UNITS);
}

/* Three digits are shown of a time, which keeps the order. */
function equalPartners(shown, wanted) {
	const order = (pairs) => pairs.slice().sort(([calls, seconds], [calls2, seconds2]) => calls - calls2 || seconds - seconds2);
	const right = order(wanted);

	return shown.length === wanted.length && order(shown).every(([calls, seconds], i) =>
		calls === right[i][0] && Math.abs(seconds - right[i][1]) <= 0.0051 * Math.abs(right[i][1]) + 1e-15);
}

/* The butterfly of the first rows of the table. */
async function checkPartners(page, file, partners) {
	const wrong = [];

	for (let i = 0; i < Math.min(5, Object.keys(partners).length); i++) {
		const line = page.locator(`.table tbody tr[data-index="${i}"]`);
		const label = await line.locator("[data-key=name]").textContent();
		await line.click();
		await becomes(() => page.locator(".table tr[aria-selected=true] [data-key=name]").textContent(), label, `${file}: ${label} is chosen`);
		await page.waitForFunction((name) => document.querySelector(".side h2").textContent && name.includes(document.querySelector(".side h2").textContent), label);
		const more = page.locator(".side button", { hasText: /^\d+ more$/ });
		const right = (shown) => shown.length === 2 && shown.every((side, at) => equalPartners(side, partners[label][at]));
		const until = Date.now() + PATIENCE_MS;
		let shown;
		do {
			if (await more.count())
				await more.first().click();
			shown = await shownPartners(page);
		} while (!right(shown) && Date.now() < until);
		if (!right(shown))
			wrong.push([label, shown, partners[label]]);
	}
	same(wrong, [], `${file}: callers and callees are pstats'`);
}

run(async ({ known, open }) => {
	let page = null;

	for (const [file, wanted] of Object.entries(known.tables)) {
		if (page)
			await page.context().close();
		page = await open(`#id=${file}&tab=callers`, { height: 1000 });
		same((await rows(page)).sort(bySize), wanted.sort(bySize), `${file}: each number is pstats' (${wanted.length} rows)`);
		const [calls, primitive, seconds] = known.totals[file];
		ok((await text(page, ".facts > span")()).includes(`${calls.toLocaleString("en-US")} calls${calls === primitive ? "" : ` (${primitive.toLocaleString("en-US")} primitive)`} · ${seconds.toFixed(3)} s in functions`),
			`${file}: and so are the sums`);
		await page.evaluate(() => { document.querySelector(".table .grid").scrollTop = 0; });
		await checkPartners(page, file, known.partners[file]);
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
