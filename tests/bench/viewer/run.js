#!/usr/bin/env node
/* The viewer's page in Chromium with large profiles: how long until it shows them, and each frame while one points and zooms.
 *
 * usage: BUILD=build run.js [NODES...]
 */
"use strict";

const fs = require("fs");
const os = require("os");
const path = require("path");
const { drawn, launch, makeProfiles, startServer } = require("../../viewer/viewer.js");

const ROUNDS = 5;
const median = (values) => values.slice().sort((left, right) => left - right)[values.length >> 1];

/* Milliseconds of script for each of 60 moves of the pointer, and for each frame of 10 zooms. */
async function exercise() {
	const host = document.querySelector(".graph"), overlay = host.querySelector(".overlay");
	const place = overlay.getBoundingClientRect();
	const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
	const send = (kind, x, y) => overlay.dispatchEvent(new MouseEvent(kind, { clientX: place.left + x, clientY: place.top + y, bubbles: true }));
	const hovers = [], zooms = [];

	for (let i = 0; i < 60; i++) {
		const start = performance.now();
		send("mousemove", 5 + i * 14, 30 + (i * 37) % 250);
		hovers.push(performance.now() - start);
		await frame();
	}
	for (let i = 0; i < 10; i++) {
		send("click", 50 + i * 60, 50);
		for (let k = 0; k < 14; k++) {
			await frame();
			zooms.push(Number(host.dataset.frame));
		}
		document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }));
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
	return { hovers, zooms };
}

async function measure(browser, base, file) {
	const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();

	await page.addInitScript(() => {
		window.tasks = [0];
		new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask", buffered: true });
	});
	await page.goto(`${base}#id=${file}`);
	await drawn(page);
	const opened = await page.evaluate(() => ({ shown: performance.now(), longest: Math.max(...window.tasks) }));
	const moves = await page.evaluate(exercise);
	await page.context().close();
	return { ...opened, hover: median(moves.hovers), zoom: median(moves.zooms) };
}

async function main() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "komori-bench-viewer-"));
	const sizes = process.argv.length > 2 ? process.argv.slice(2) : ["100000", "1000000"];
	let server, browser;

	try {
		makeProfiles(folder, ...sizes);
		const started = await startServer(folder);
		server = started.server;
		browser = await launch(folder);
		console.log(`${ROUNDS} rounds, median (largest); load average ${os.loadavg()[0].toFixed(2)} before`);
		console.log("profile                       shown ms     longest task ms       hover ms    zoom frame ms");
		for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".prof")).sort()) {
			const rounds = [];
			for (let i = 0; i < ROUNDS; i++)
				rounds.push(await measure(browser, started.base, file));
			const cell = (key, digits) => `${median(rounds.map((one) => one[key])).toFixed(digits)} (${Math.max(...rounds.map((one) => one[key])).toFixed(digits)})`;
			console.log(file.padEnd(24), cell("shown", 0).padStart(14), cell("longest", 0).padStart(18), cell("hover", 1).padStart(15), cell("zoom", 1).padStart(15));
		}
	} finally {
		if (browser)
			await browser.close();
		if (server)
			server.kill("SIGTERM");
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
