#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const { becomes, clickBox, drawn, hoverBox, ok, run, same } = require("./viewer.js");

const shown = (name) => name.replace(/[\u0000-\u001f\u202e]/g, (one) => "\\u" + one.codePointAt(0).toString(16).padStart(4, "0"));

run(async ({ known, open }) => {
	const markup = (page) => page.evaluate(() => ["script", "img", "iframe", "object", "b > *", "[onerror]"].map((one) => document.querySelectorAll(one).length));
	const clean = [1, 0, 0, 0, 0, 0];
	const page = await open("#id=hostile.prof", { height: 1000 });

	same(await page.locator(".facts h1").textContent(), `GET /</script><b>?"'<>`, "the path is shown as it is");
	const names = (await page.locator('.table td[data-key="name"]').allTextContents()).join("\n");
	for (const name of known.hostile)
		ok(names.includes(`(${shown(name)})`), `a function named ${JSON.stringify(name.slice(0, 40))} is shown, controls and turns written out`);
	for (const view of ["1", "2", "3"]) {
		await page.keyboard.press(view);
		await drawn(page);
		for (let row = 0; row < 9; row++)
			await hoverBox(page, row, 0.05 + row / 12);
	}
	await page.keyboard.press("1");
	await clickBox(page, 2, 0.01);
	for (const tab of ["b", "k", "s"]) {
		await page.keyboard.press(tab);
		await page.waitForSelector(".side .panel > *");
	}
	const lines = page.locator(".table tbody tr[data-index]");
	for (let i = 0; i < await lines.count(); i++)
		await lines.nth(i).click();
	same(await markup(page), clean, "nothing of it became markup");

	await page.goto(page.url().replace(/#.*/, "#filter=%3C/script"));
	await page.reload();
	await becomes(() => page.locator(".list tbody tr[data-index]").count(), 1, "the list shows its path");
	ok((await page.locator(".list tbody").textContent()).includes("/</script><b>"), "as it is");
	same(await markup(page), clean, "nothing became markup there");

	await page.goto(page.url().replace(/#.*/, "#page=compare&before=hostile.prof&after=before.prof"));
	await page.reload();
	await drawn(page);
	same(await markup(page), clean, "nor in a comparison");

	for (const id of ["..%2F..%2Fetc%2Fpasswd", "damaged.prof", "%00", "a".repeat(5000)]) {
		await page.goto(page.url().replace(/#.*/, `#id=${id}`));
		await page.reload();
		await becomes(() => page.locator(".failure:visible").count(), 1, `${id.slice(0, 30)} is an error on the page`);
	}
	for (const hash of ["#id=before.prof&zoom=%25%25&root=nonsense/*&depth=x&cut=NaN&view=none&tab=none&sort=none&fn=%3Cimg", "#page=none", "#page=compare&before=before.prof&after=after.prof&zoom=1e99&fn=NaN&view=zz&width=zz"]) {
		await page.goto(page.url().replace(/#.*/, hash));
		await page.reload();
		await page.waitForSelector("main .page");
		if (hash.includes("prof"))
			await drawn(page);
		ok(true, `the address ${hash.slice(0, 40)} shows something`);
	}
});
