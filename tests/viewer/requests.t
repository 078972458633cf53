#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const fs = require("fs");
const path = require("path");
const { becomes, ok, run, same, text, texts } = require("./viewer.js");

const cells = (page, key) => texts(page, `.list tbody td[data-key="${key}"]`);
const sorted = (values) => values.slice().sort((left, right) => left - right);
const seconds = (shown) => parseFloat(shown.replace(",", "")) * { s: 1, ms: 1e-3, "µs": 1e-6, ns: 1e-9 }[shown.split(" ")[1]];

/* The list goes on while one looks at it. */
async function staying(page, add) {
	const list = page.locator(".list .grid");
	const top = () => list.evaluate((host) => {
		const below = host.getBoundingClientRect().top + host.querySelector("thead").offsetHeight;
		return Array.from(host.querySelectorAll("tbody tr[data-index]")).find((line) => line.getBoundingClientRect().bottom > below + 1).querySelector("[data-key=path]").textContent
			+ host.scrollTop % 28;
	});
	const number = async () => Number((await text(page, ".list header [role=status]")()).split(" ")[0]);
	const before = await number();

	await list.evaluate((host) => { host.scrollTop = 633; });
	const seen = await top();
	add("later-1.prof");
	await becomes(number, before + 1, "while the list is scrolled a request comes");
	same(await top(), seen, "what one looks at stays where it is");
	await page.locator(".list tbody tr", { hasText: "healthz" }).nth(20).locator("[data-key=status]").click();
	await page.waitForSelector(".profile .facts h1");
	await page.goBack();
	await page.waitForSelector(".list tbody tr[data-index]");
	same(await top(), seen, "also when one comes back to it");

	await list.evaluate((host) => { host.scrollTop = 0; });
	await page.focus(".list .grid");
	await page.keyboard.press("Home");
	await page.keyboard.press("ArrowDown");
	const at = () => page.locator(".list tr.at").locator("[data-key=path]").textContent();
	const chosen = await at();
	add("later-2.prof");
	await becomes(number, before + 2, "one comes while a row is chosen with the keys");
	same(await at(), chosen, "the keys are still at that row");
	same(await page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).querySelector("[data-key=path]").textContent), chosen,
		"and the tip is about that one");

	await list.evaluate((host) => { host.scrollTop = 300; });
	const place = await page.locator(".list tbody tr", { hasText: "/plans?items" }).first().locator("[data-key=status]").boundingBox();
	await page.mouse.move(place.x + 5, place.y + 5);
	await page.mouse.down();
	add("later-3.prof");
	await becomes(number, before + 3, "one comes while the button is held on a row");
	await page.mouse.up();
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "the click is not lost");
	await page.goBack();
	await page.waitForSelector(".list tbody tr[data-index]");
	return 3;
}

run(async ({ folder, open }) => {
	let files = fs.readdirSync(folder).filter((name) => name.endsWith(".prof")).length;
	const page = await open("");

	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "every file is listed");
	const row = page.locator('.routes tr', { hasText: "GET /healthz" });
	await becomes(() => row.locator("td").allTextContents().then((all) => all.slice(0, 8)),
		["GET /healthz", "40", "", "20.0 µs", "400 µs", "760 µs", "800 µs", "800 µs"], "a route has count, min, median, p95, p99 and max by nearest rank");
	ok(await row.locator("canvas[aria-label*='40 requests']").count(), "and a histogram, described");
	ok(await page.locator(".list .tag.bad", { hasText: "unreadable" }).count(), "the list shows a file that cannot be read");
	ok(await page.locator(".list .tag.bad", { hasText: "SIGKILL after 30.0 s" }).count(), "so is a killed request");

	await page.click('.list th[data-key="elapsed"] button');
	await becomes(() => page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "descending", "a click on a title sorts");
	const down = (await cells(page, "elapsed")()).map(seconds);
	same(down, sorted(down).reverse(), "the slowest first");
	await page.click('.list th[data-key="elapsed"] button');
	await becomes(() => page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "ascending", "a second one turns the order");
	const up = (await cells(page, "elapsed")()).map(seconds);
	same(up, sorted(up), "the quickest first");

	await page.keyboard.press("/");
	await page.keyboard.type("get healthz");
	await becomes(text(page, ".list header [role=status]"), `40 of ${files} requests`, "words filter");
	await page.reload();
	await becomes(text(page, ".list header [role=status]"), `40 of ${files} requests`, "the filter is kept over a reload");
	same(await page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "ascending", "and so is the order");
	await page.fill(".list input[type=search]", "");

	await page.locator(".routes tr", { hasText: "GET /plans" }).click();
	await becomes(text(page, ".list header [role=status]"), `3 of ${files} requests`, "a click on a route shows its requests");
	await page.goBack();
	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "the back button shows all again");

	await page.fill(".list input[type=search]", "plans");
	await becomes(() => page.locator(".list tbody tr[data-index]").count(), 3, "three requests are left");
	await page.focus(".list .grid");
	await page.keyboard.press("Home");
	await page.keyboard.press("Space");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "two are chosen with the keys");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "a third takes the place of the first");
	await page.keyboard.press("x");
	await page.waitForSelector(".compare .sentence");
	ok(new URL(page.url()).hash.includes("page=compare"), "x compares them");
	await page.goBack();
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "back in the list they are still chosen");

	await page.fill(".list input[type=search]", "4");
	await becomes(text(page, ".list header [role=status]"), `0 of ${files} requests`, "a digit of a file's name finds nothing");
	same(await page.locator(".list .empty:visible").allTextContents(), ["No request matches."], "which is said in words");
	await page.fill(".list input[type=search]", "unittest.prof");
	await becomes(text(page, ".list header [role=status]"), `1 of ${files} requests`, "the name is found where it is what is shown");
	await page.fill(".list input[type=search]", "/plans?items=1,2,3");
	await becomes(text(page, ".list header [role=status]"), `2 of ${files} requests`, "a path with its query is found as it is shown");
	await page.click(".list tbody tr[data-index] td[data-key=status]");
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "a click on a row opens the request");
	await page.goBack();
	await page.focus(".list .grid");
	await page.keyboard.press("Enter");
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "Enter does as well");
	const asItWas = async (name) => {
		await becomes(text(page, ".list header [role=status]"), `2 of ${files} requests`, name);
		same([await page.inputValue(".list input[type=search]"), await page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"),
			await page.locator(".list header button", { hasText: "Compare" }).textContent()], ["/plans?items=1,2,3", "ascending", "Compare 2/2"], "with its filter, order and choice");
	};
	await page.keyboard.press("q");
	await asItWas("q leads to the list as it was");
	await page.click(".list tbody tr[data-index] td[data-key=status]");
	await page.waitForSelector(".profile .facts h1");
	await page.click(".top nav >> text=Requests");
	await asItWas("so does the link");
	await page.evaluate(() => { location.hash = "#id=none.prof"; });
	await page.click("text=Back to the list");
	await asItWas("and the one on an error's page");
	await page.click(".top >> text=Komori");
	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "Komori is the whole list");

	fs.copyFileSync(path.join(folder, "healthz-3.prof"), path.join(folder, ".new"));
	fs.renameSync(path.join(folder, ".new"), path.join(folder, "newest.prof"));
	await becomes(text(page, ".list header [role=status]"), `${files + 1} requests`, "a new request appears by itself");
	await becomes(text(page, ".top .state"), `live, ${files + 1} requests`, "the top line counts it");

	files += await staying(page, (name) => {
		fs.copyFileSync(path.join(folder, "decimal.prof"), path.join(folder, ".new")); /* says no time of its own: it counts as new */
		fs.renameSync(path.join(folder, ".new"), path.join(folder, name));
	});

	await page.route("**/api/requests", async (route) => {
		const list = await (await route.fetch({ headers: {} })).json();
		list.running = [{ pid: 4711, method: "GET", target: "/plans?items=</b>", route: "/plans", started: list.now - 1.5, elapsed: 1.5 }];
		await route.fulfill({ json: list });
	});
	const running = page.locator(".list tbody tr", { hasText: "running now" });
	await becomes(() => running.locator("td").allTextContents().then((all) => [all[2], all[3], all[4], all[8]]), ["GET", "/plans?items=</b>", "/plans", "running now"],
		"what runs now is in the list");
	same(await text(page, ".list .running")(), "1 running now", "and counted");
	same(await running.locator("input, a").count(), 0, "it cannot be opened or chosen yet");
	await page.unroute("**/api/requests");
	await page.route("**/api/requests", async (route) => {
		const list = await (await route.fetch({ headers: {} })).json();
		list.running = [{ pid: 4711, method: "GET", target: "/plans", route: "/plans", started: list.now + 3600, elapsed: -3600 }];
		list.requests = Array.from({ length: 1234 }, (_, i) => ({ ...list.requests[0], id: `${i}.prof` }));
		await route.fulfill({ json: list });
	});
	await becomes(() => running.locator('[data-key="elapsed"]').textContent(), "0 s", "when the clock is set back, it has run for no time");
	await becomes(text(page, ".top .state"), "live, 1,234 requests", "many are counted with a comma, as everywhere");
	await page.unroute("**/api/requests");
	await page.route("**/api/requests", (route) => route.abort());
	await becomes(text(page, ".top .state"), "no response; trying again", "the page reports a server that does not respond");
	ok(await page.locator(".list tbody tr[data-index]").count() > 10, "the list stays");
	await page.unroute("**/api/requests");
	await becomes(text(page, ".top .state"), `live, ${files + 1} requests`, "the page continues when the server is back");

	await page.keyboard.press("?");
	ok(await page.locator("dialog[open]").count(), "? shows the keys");
	await page.keyboard.press("Escape");
	same(await page.locator("dialog[open]").count(), 0, "Escape closes them");
});
