/* Numbers and names as text. */

/* As C's %.3f: JavaScript rounds a tie up, C to the even digit. Only odd sixteenths are ties. */
export function seconds3(seconds) {
	const sixteenths = seconds * 16;

	if (Number.isInteger(sixteenths) && Math.abs(sixteenths % 2) === 1) {
		const thousandths = Math.floor(seconds * 1000);
		return ((thousandths + Math.abs(thousandths % 2)) / 1000).toFixed(3);
	}
	return seconds.toFixed(3);
}

const LEAST_SECONDS = 5e-12; /* less would be 0.00 ns */

/* Writes three digits and a unit. */
export function duration(seconds) {
	const size = Math.abs(seconds);

	if (size < LEAST_SECONDS)
		return "0 s";
	for (const { unit, name } of [{ unit: 1, name: "s" }, { unit: 1e-3, name: "ms" }, { unit: 1e-6, name: "µs" }])
		if (size >= unit * 0.9995)
			return threeDigits(seconds / unit) + " " + name;
	return threeDigits(seconds * 1e9) + " ns";
}

function threeDigits(value) {
	const size = Math.abs(value);

	return size >= 999.5 ? grouped(Math.round(value)) : value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

export function grouped(number) {
	return Math.round(number).toLocaleString("en-US");
}

/* Zero has no sign. */
function tenths(value) {
	const text = value.toFixed(1);

	return text === "-0.0" ? "0.0" : text;
}

/* "1 call", "2,000 calls" */
export function counted(number, noun) {
	return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function share(part, whole) {
	if (!(whole > 0))
		return "–";
	const percent = 100 * part / whole;
	return percent > 0 && percent < 0.05 ? "< 0.1 %" : tenths(percent) + " %";
}

export function signed(text, value) {
	return value > 0 ? "+" + text : text;
}

const MANY_TIMES = 10; /* larger percentages are hard to read */

export function changed(before, after) {
	if (!before)
		return "–";
	if (after / before >= MANY_TIMES)
		return "×" + threeDigits(after / before);
	const text = tenths(100 * (after - before) / before);
	return (text === "0.0" ? text : signed(text, after - before)) + " %";
}

export function clockTime(epoch) {
	const date = new Date(epoch * 1000);

	return Number.isFinite(epoch) ? date.toLocaleTimeString("en-GB") + "." + String(date.getMilliseconds()).padStart(3, "0") : "–";
}

/* Writes "2026-11-25", in local time. */
export function dayOf(epoch) {
	const date = new Date(epoch * 1000);

	return Number.isFinite(epoch) ? [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-") : "–";
}

/* Escapes control characters, and those that change the direction of text. */
export function visible(text) {
	return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu,
		(one) => "\\u" + one.codePointAt(0).toString(16).padStart(4, "0"));
}

function baseName(file) {
	return file.slice(file.lastIndexOf("/") + 1);
}

/* "main.c:7(hello)", "{built-in function sleep}": pstats' name without folders. */
export function shortName([file, line, name]) {
	if (file === "~" && line === 0)
		return visible(name.startsWith("<") && name.endsWith(">") ? `{${name.slice(1, -1)}}` : name);
	return visible(name);
}

export function placeOf([file, line]) {
	return file === "~" ? "" : visible(`${baseName(file)}:${line}`);
}
