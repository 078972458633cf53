#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const { execFileSync } = require("child_process");
const { KOMORI, becomes, clickBox, crumbs, drawn, hoverBox, ok, run, same, text, tip } = require("./viewer.js");


run(async ({ folder, open }) => {
	const page = await open("#page=compare&before=before.prof&after=after.prof");
	const diff = execFileSync(KOMORI, ["diff", `${folder}/before.prof`, `${folder}/after.prof`], { encoding: "utf8" });

	ok(diff.includes(await text(page, ".sentence")()), "the sentence is the one that komori diff prints");
	same(await page.locator(".table tbody tr", { hasText: "expand" }).locator("td").allTextContents().then((all) => all.slice(0, 3)),
		["9,841", "–", "-9,841"], "calls of a function that vanished");
	ok(await page.locator(".table tr", { hasText: "expand" }).locator("text=vanished").count(), "it is named so");
	ok(await page.locator(".table tr", { hasText: "plan_by_loads" }).locator("text=appeared").count(), "and one that appeared");
	same(await page.locator(".table tr", { hasText: "km_textf" }).locator("td").allTextContents().then((all) => all.slice(3, 6)),
		["60.0 µs", "61.0 µs", "+1.00 µs"], "times of both");
	ok(await page.locator(".table tr", { hasText: "km_textf" }).locator(".grew").count(), "what grew is red");
	ok(await page.locator(".table tr", { hasText: "expand" }).locator(".shrank").count(), "what shrank is blue");

	await hoverBox(page, 2, 0.5);
	await becomes(() => tip(page).then((shown) => [shown.what, shown.calls]), ["answer", "1 → 1 (0.0 %)"], "the tip of a box has the numbers of both");
	await hoverBox(page, 3, 0.5);
	await becomes(() => tip(page).then((shown) => [shown.what, shown.calls]), ["plan_by_trying", "1, vanished"], "and what vanished");
	await hoverBox(page, 3, 0.0014);
	await becomes(() => tip(page).then((shown) => [shown.what, shown.calls]), ["plan_by_loads", "1, appeared"], "what appeared stands beside it");
	await page.click(".segments button[data-value=after]");
	await drawn(page);
	await hoverBox(page, 3, 0.5);
	await becomes(() => tip(page).then((shown) => [shown.what, shown.calls]), ["plan_by_loads", "1, appeared"], "by width after: what appeared");
	await clickBox(page, 2, 0.5);
	await becomes(() => crumbs(page)().then((all) => all.slice(1)), ["plans", "answer"], "a click zooms");
	await page.reload();
	await drawn(page);
	await becomes(() => crumbs(page)().then((all) => all.slice(1)), ["plans", "answer"], "which is kept over a reload");
	await page.goBack();
	await becomes(() => crumbs(page)().then((all) => all.length), 1, "and taken back by the back button");
	await page.keyboard.press("2");
	await becomes(() => page.getAttribute('.segments button[data-value="sunburst"]', "aria-pressed"), "true", "keys change the view");
	await page.keyboard.press("1");
	await drawn(page);

	const listed = () => page.locator(".table tbody tr[data-index] td:last-child").evaluateAll((all) => all.map((one) => one.textContent.trim().replace(/ [^ ]*:\d+$/, "")));
	const changed = await listed();
	same(changed.filter((name) => /strtol|km_textf/.test(name)), ["{built-in function km_textf}"], "the table has what changed");
	await page.keyboard.press("/");
	await page.keyboard.type("PLAN_BY");
	await becomes(async () => (await listed()).sort(), ["plan_by_loads", "plan_by_trying"], "a search keeps what it finds in the table");
	const pairs = JSON.parse(execFileSync("/usr/bin/python3", ["-c", `
import json, pstats, sys
print(json.dumps([sum(row[2] for key, row in pstats.Stats(path).stats.items() if "plan_by" in key[2]) for path in sys.argv[1:]]))`,
	`${folder}/before.prof`, `${folder}/after.prof`], { encoding: "utf8" }));
	const own = (await text(page, ".found")()).match(/^2 functions, own time (\S+) (\S+) → (\S+) (\S+)$/);
	const units = { "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1 };
	ok(own && pairs.every((seconds, i) => Math.abs(own[1 + 2 * i] * units[own[2 + 2 * i]] - seconds) <= seconds / 100), "and shows pstats' own times before and after");
	await page.keyboard.press("Enter");
	await becomes(() => page.evaluate(() => document.activeElement.getAttribute("role")), "grid", "Enter goes on to them");
	await page.reload();
	await becomes(() => listed().then((all) => all.length), 2, "it is kept over a reload");
	await page.keyboard.press("/");
	await page.keyboard.press("Escape");
	await becomes(listed, changed, "and Escape ends it");
	await page.fill(".tools input[type=search]", "function str");
	await becomes(listed, ["{built-in function strtol}"], "what has not changed is found as well");
	await page.keyboard.press("Escape");
	await becomes(listed, changed, "and is not listed without a search");
	await page.click("text=Swap");
	await becomes(async () => (await page.locator(".table tbody tr", { hasText: "expand" }).locator("td").allTextContents()).slice(0, 3), ["–", "9,841", "+9,841"], "Swap turns both round");

	await page.goto(page.url().replace(/#.*/, "#page=compare&before=json.prof&after=dis.prof"));
	await page.reload();
	await becomes(() => page.locator(".compare .notes").isVisible(), true, "of files with pairs only the functions are compared");
	ok(await page.locator(".table tbody tr[data-index]").count() > 10, "which are listed");
	await page.goto(page.url().replace(/#.*/, "#page=compare&before=single.prof&after=single-long.prof"));
	await page.reload();
	await drawn(page);
	await hoverBox(page, 0, 0.5);
	await becomes(() => tip(page).then((shown) => shown.total), "1.00 µs → 24.1 ms (×24,066)", "a large change is a factor");
	await page.goto(page.url().replace(/#.*/, "#page=compare&before=before.prof&after=before.prof"));
	await page.reload();
	await becomes(() => page.locator(".table .empty:visible").allTextContents(), ["Nothing differs: the same functions, calls and times."], "without a difference that is said");
	await page.fill(".tools input[type=search]", "nowhere");
	await becomes(() => page.locator(".table .empty:visible").allTextContents(), ["No function matches."], "as is a search that finds nothing");
	await page.fill(".tools input[type=search]", "expand");
	await becomes(() => page.locator(".table tbody tr[data-index]:visible").count(), 1, "what it finds is listed");
	await page.goto(page.url().replace(/#.*/, "#page=compare&before=none.prof&after=dis.prof"));
	await page.reload();
	await becomes(() => page.locator(".failure:visible").count(), 1, "a file that is not there is an error on the page");
});
