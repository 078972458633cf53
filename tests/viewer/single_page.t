#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { KOMORI, becomes, clickBox, crumbs, drawn, ok, run, same, text } = require("./viewer.js");

/* A page of `komori export --to html`, opened as a file. */
run(async ({ folder, browser, troubles }) => {
	for (const [name, title] of [["before", "GET /plans?items=1,2,3"], ["hostile", `GET /</script><b>?"'<>`], ["unittest", "unittest.prof"]]) {
		const file = path.join(folder, `${name}.html`);
		execFileSync(KOMORI, ["export", path.join(folder, `${name}.prof`), "--to", "html", "-o", file]);
		const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, offline: true, reducedMotion: "reduce" });
		const page = await context.newPage();
		const asked = [];
		page.on("request", (request) => asked.push(request.url().slice(0, 60)));
		page.on("pageerror", (error) => troubles.push(error.message));
		page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
		page.on("dialog", (dialog) => troubles.push(dialog.message()));
		await page.goto("file://" + file);
		await drawn(page);
		same(await text(page, ".facts h1")(), title, `${name}: opened as a file it shows the profile`);
		await clickBox(page, 1, 0.01);
		await becomes(() => crumbs(page)().then((all) => all.length > 1), true, `${name}: a click zooms`);
		for (const key of ["2", "3", "1", "k", "s", "b"])
			await page.keyboard.press(key);
		same(asked.filter((url) => !url.startsWith("data:")), ["file://" + file].map((url) => url.slice(0, 60)), `${name}: it asks for nothing else`);
		same(await page.evaluate(() => document.querySelectorAll("img, b > b, [onerror]").length), 0, `${name}: nothing became markup`);
		await context.close();
	}
	const size = fs.statSync(path.join(folder, "before.html")).size;
	ok(size < 400 * 1024, `it has ${size} bytes`);
});
