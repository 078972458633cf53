#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

/* What a new user reads: complete numbers at both widths, names with a meaning, errors that say what to do. */
const path = require("path");
const { execFileSync } = require("child_process");
const { KOMORI, becomes, drawn, makeProfiles, ok, runAlone, same, startServer, text, texts } = require("./viewer.js");

const phone = (width) => ({ width, height: 844, hasTouch: true, isMobile: true });
const WIDTHS = { 1280: { width: 1280 }, 390: phone(390), 360: phone(360) };
const pictures = process.env.KOMORI_SCREENSHOTS;

/* Texts of these elements that are wider than their place, or than that of one around them. */
function cut(page, selector) {
	return page.evaluate((wanted) => Array.from(document.querySelectorAll(wanted)).filter((one) => one.textContent && one.getClientRects().length).filter((one) => {
		const range = document.createRange();
		range.selectNodeContents(one);
		const text = range.getBoundingClientRect();
		for (let around = one; around && around.tagName !== "MAIN"; around = around.parentElement) {
			const place = around.getBoundingClientRect();
			const clips = around === one || getComputedStyle(around).overflowX !== "visible";
			if (clips && (text.left < place.left - 1 || text.right > place.right + 1))
				return true;
		}
		return text.right > innerWidth || text.left < 0;
	}).map((one) => one.textContent), selector);
}

/* Cells of a row, or titles, of which one lies on another: two texts at one place cannot be read. */
function overlaps(page, rows) {
	return page.evaluate((wanted) => Array.from(document.querySelectorAll(wanted)).slice(0, 12).flatMap((row) => {
		const cells = Array.from(row.children).filter((cell) => cell.textContent.trim()).map((cell) => {
			const range = document.createRange(), place = cell.getBoundingClientRect();
			range.selectNodeContents(cell);
			const text = range.getBoundingClientRect();
			const clips = getComputedStyle(cell).overflowX !== "visible";
			return { name: cell.textContent, top: text.top, bottom: text.bottom, left: clips ? Math.max(text.left, place.left) : text.left, right: clips ? Math.min(text.right, place.right) : text.right };
		});
		return cells.flatMap((one, i) => cells.slice(i + 1)
			.filter((two) => one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 4 && two.top < one.bottom - 4).map((two) => `${one.name} | ${two.name}`));
	}), rows);
}

async function photograph(page, name, width) {
	if (pictures)
		await page.screenshot({ path: path.join(pictures, `first-look-${name}-${width}.png`) });
}

async function numbers(open, width, options) {
	let page = await open("", options);
	const whole = async (what, selector) => same(await cut(page, selector), [], `${width}: ${what} are whole`);
	const apart = async (what, rows) => same(await overlaps(page, rows), [], `${width}: ${what} stand apart`);

	await page.waitForSelector(".list tbody tr[data-index]");
	await photograph(page, "requests", width);
	await whole("numbers of routes", ".routes td.number");
	await whole("titles of routes", ".routes th");
	await whole("numbers, times and outcomes of requests", ".list td.number, .list [data-key=started], .list [data-key=method], .list td[data-key=outcome]");
	await whole("titles of requests", ".list th:not([data-key=route], [data-key=path])");
	await apart("the columns of routes", ".routes tr:not(.spacer)");
	await apart("the columns of requests", ".list tr:not(.spacer)");
	same((await texts(page, ".list td[data-key=calls]")()).includes("180,596,817"), true, `${width}: hundreds of millions of calls are in the list`);
	ok(await page.locator(".list td[data-key=route]").first().evaluate((cell) => cell.clientWidth) >= 50, `${width}: a route has room`);
	await page.context().close();

	page = await open("#id=slow.prof", options);
	await photograph(page, "profile", width);
	await whole("facts", ".facts .whole, .facts .newer");
	ok((await text(page, ".facts")()).includes("180,596,817 calls"), `${width}: calls are shown`);
	ok(await page.locator(".facts h1").evaluate((title) => title.scrollWidth > title.clientWidth && getComputedStyle(title).textOverflow === "ellipsis" && title.title.includes("178,179")), `${width}: a long query is cut, and whole in the title`);
	await page.locator(".table").scrollIntoViewIfNeeded();
	await photograph(page, "table", width);
	same((await texts(page, ".table td[data-key=ncalls]")()).includes("76182694/1"), true, `${width}: a recursion of millions of calls is in the table`);
	await whole("numbers of functions", ".table td.number");
	await whole("titles of functions", ".table th");
	await apart("the columns of functions", ".table tr:not(.spacer)");
	await page.click('.table .segments button[data-value="short"]');
	await becomes(() => page.locator(".table td[data-key=tottime]").first().textContent().then((all) => all.endsWith("s")), true, `${width}: with units`);
	await whole("numbers with units", ".table td.number");
	await page.evaluate(() => { document.querySelector(".table .grid").scrollTop = 40; });
	ok(await page.evaluate(() => Math.abs(document.querySelector(".table thead").getBoundingClientRect().top - document.querySelector(".table .grid").getBoundingClientRect().top) < 2), `${width}: titles stay above what is scrolled`);
	same(await page.evaluate(() => window.shifts) < 0.05, true, `${width}: nothing jumped`);
	await page.context().close();

	page = await open("#page=compare&before=slow.prof&after=quick.prof", options);
	await photograph(page, "compare", width);
	same(await texts(page, ".sides > span")(), ["before, 2.19 s", "→", "after, 980 µs"], `${width}: compare shows the times`);
	await whole("both times", ".sides > span");
	ok(await page.locator(".sides a").first().evaluate((link) => link.scrollWidth > link.clientWidth && getComputedStyle(link).textOverflow === "ellipsis" && link.title.includes("178,179")), `${width}: paths are cut, and whole in their titles`);
	await page.locator(".table").scrollIntoViewIfNeeded();
	await photograph(page, "compare-table", width);
	await whole("numbers of both", ".table td.number, .table td[data-key=state]");
	await apart("the columns of both", ".table tr:not(.spacer)");
	await page.context().close();
}

async function list(open) {
	const page = await open("");
	const outcome = (file) => page.locator(".list tbody tr", { has: page.locator(`a[href$="id=${file}"]`) }).locator("[data-key=outcome] .tag");
	const count = () => page.locator(".list tbody tr[data-index]").count();

	await page.waitForSelector(".list tbody tr[data-index]");
	for (const [i, short, whole] of [[0, "SIGKILL after 2.0 s", "killed: SIGKILL after 2.0 s"], [1, "SIGSEGV", "crashed: SIGSEGV after 0.1 s"],
		[2, "SIGABRT", "crashed: SIGABRT after 0.1 s"], [3, "exit 3", "exited with status 3 after 0.1 s"]]) {
		await page.fill(".list input[type=search]", "");
		await becomes(count, 10, "all are listed");
		same([await outcome(`ended-${i}.prof`).textContent(), await outcome(`ended-${i}.prof`).getAttribute("title")], [short, whole], `${whole} is shown as ${short}`);
		for (const words of [short, whole]) {
			await page.fill(".list input[type=search]", words);
			await becomes(count, 1, `${words} is found`);
		}
	}
	await page.fill(".list input[type=search]", "");
	same((await texts(page, ".routes td[data-key=route]")()).sort(), ["GET (no route)", "GET /end", "GET /plans/<name>/of/<customer>", "files"], "paths without a route are one row");
	await page.click('.routes tr:has-text("(no route)") td[data-key=count]');
	await becomes(count, 3, "which shows all of them");
	same(await page.locator(".theme").evaluate((one) => [one.getAttribute("aria-label"), one.innerText]), ["Theme: system", "Theme: system"], "the theme's button says what it is");
	await page.click(".theme");
	same(await page.getAttribute(".theme", "aria-label"), "Theme: light", "and what it is now");
	await page.context().close();
}

async function sources(open) {
	for (const [file, row, said] of [["slow.prof", "{request GET", "the whole request"], ["roots.prof", "exec", "Built into Python"], ["roots.prof", "<string>:1", "compiled this code from a string"],
		["roots.prof", "profile:0", "Python's profile adds"], ["roots.prof", "<frozen", "built into Python"], ["roots.prof", "{built-in function read}", "A library function"]]) {
		const page = await open(`#id=${file}&tab=source`);
		await page.locator(".table tr", { hasText: row }).click();
		await becomes(() => text(page, ".side .panel")().then((all) => all.includes(said)), true, `the source of ${row}: ${said}`);
		await page.context().close();
	}
	const page = await open("#id=roots.prof&tab=source");
	await becomes(() => text(page, ".side .panel")().then((all) => all.includes("the whole recording")), true, "the source of the root");
	await page.context().close();
}

async function graph(open) {
	const page = await open("#id=slow.prof&view=sunburst");
	const deeper = page.locator(".deeper");

	ok(/^\d+ deeper levels: zoom in$/.test(await deeper.textContent()) && await deeper.isVisible(), "a sunburst shows how many levels are below its rings");
	const levels = async () => parseInt(await deeper.textContent());
	const before = await levels();
	await page.keyboard.press("g");
	for (let i = 0; i < 3; i++)
		await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await becomes(levels, before - 3, "and how many: fewer when zoomed");
	await photograph(page, "sunburst", 1280);
	await page.keyboard.press("1");
	await becomes(() => deeper.isVisible(), false, "an icicle has room for all");
	await page.context().close();

	const compare = await open("#page=compare&before=slow.prof&after=quick.prof");
	await compare.evaluate(() => {
		const write = CanvasRenderingContext2D.prototype.fillText;
		window.written = new Set();
		CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
			window.written.add(text);
			write.call(this, text, ...place);
		};
	});
	await compare.keyboard.press("3");
	await becomes(() => compare.evaluate(() => ["vanished", "gone", "new"].map((one) => window.written.has(one))), [true, false, false], "the graph says vanished, as the table does");
	await compare.context().close();
}

async function errors(open, page, base) {
	for (const [hash, ...said] of [["#id=nosuch.prof", "nosuch.prof cannot be shown", "No such file or directory", "PROFILE_KEEP"],
		["#id=garbage.prof", "garbage.prof cannot be shown", "byte 0", "record it again"],
		["#page=compare&before=slow.prof&after=nosuch.prof", "slow.prof and nosuch.prof cannot be compared", "after: No such file"]]) {
		await page.goto(base + hash);
		await page.reload();
		await page.waitForSelector(".failure:visible");
		const all = await text(page, ".page .failure")();
		same(said.filter((one) => !all.includes(one)), [], `${hash} says what is wrong and what to do`);
		await photograph(page, hash.replace(/\W+/g, "-"), 1280);
		await page.click(".failure a");
		await page.waitForSelector(".list tbody tr[data-index]");
		ok(true, "a link leads to the list");
	}
	await page.goto(base + "#id=slow.prof");
	await drawn(page);
	same(await page.locator(".facts:visible").count(), 1, "and one that is there is shown again");
}

runAlone(async ({ folder, open, browser }) => {
	const profiles = path.join(folder, "profiles");

	makeProfiles(profiles, "--long");
	const { base } = await startServer(profiles);
	const openAt = (hash, options) => open(base + hash, options);
	for (const [width, options] of Object.entries(WIDTHS))
		await numbers(openAt, width, options);
	for (const part of [list, sources, graph])
		await part(openAt);
	require("fs").writeFileSync(path.join(profiles, "garbage.prof"), "not a profile");
	await errors(openAt, await openAt(""), base);

	const file = path.join(folder, "roots.html");
	execFileSync(KOMORI, ["export", path.join(profiles, "roots.prof"), "--to", "html", "-o", file]);
	const page = await (await browser.newContext()).newPage();
	await page.goto("file://" + file);
	await drawn(page);
	same(await text(page, ".details")(), "{all} own 0 s (0.0 %) · total 1.90 s · of request 100.0 %", "a root that is made up has no time of its own, and no calls");
});
