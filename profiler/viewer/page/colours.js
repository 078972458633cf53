/* Colours of boxes, for light and dark. A file has one hue; libraries are grey. */

export function isDark() {
	const chosen = document.documentElement.dataset.theme;

	return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function palette() {
	return isDark()
		? { paper: "#16181d", text: "#e8eaee", merged: "#3a3e47", line: "#16181d", mark: "#ffd24a", cursor: "#ffffff", faint: "#9aa1ad" }
		: { paper: "#ffffff", text: "#1b1e24", merged: "#d5d8de", line: "#ffffff", mark: "#1e3a8a", cursor: "#111318", faint: "#5b6270" };
}

/* FNV-1a, so that a file keeps its hue from one profile to the next. */
function hash(text) {
	let value = 0x811c9dc5;

	for (let i = 0; i < text.length; i++)
		value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
	return value >>> 0;
}

export function fileColours(functions) {
	const dark = isDark();

	return functions.map(([file, line, name]) => {
		if (file === "~")
			return dark ? "hsl(222 9% 34%)" : "hsl(222 16% 84%)";
		const hue = hash(file) % 24 * 15;
		const shade = hash(name + line) % 5;
		return `oklch(${(dark ? 38 : 84) + shade * 1.5}% 0.075 ${hue})`; /* every hue has the same lightness, so text is equally readable */
	});
}

/* From pale to strong in steps, by a box's share of own time. */
const STEPS = 16;

export function heatColours() {
	const dark = isDark();

	return Array.from({ length: STEPS }, (_, i) => {
		const heat = i / (STEPS - 1);
		return dark
			? `hsl(${42 - 34 * heat} ${22 + 48 * heat}% ${25 + 18 * heat}%)`
			: `hsl(${46 - 34 * heat} ${60 + 30 * heat}% ${91 - 27 * heat}%)`;
	});
}

/* The square root spreads the small shares. */
export function heatStep(own, whole) {
	return whole > 0 ? Math.min(STEPS - 1, Math.round((STEPS - 1) * Math.sqrt(Math.max(0, own) / whole))) : 0;
}

/* Red for growth, blue for shrinking; `change` is from -1 to 1. */
export function changeColour(change) {
	const size = Math.min(1, Math.abs(change)), dark = isDark();

	if (size < 0.005)
		return dark ? "hsl(222 9% 34%)" : "hsl(222 16% 88%)";
	const hue = change > 0 ? 8 : 214;
	return dark
		? `hsl(${hue} ${30 + 35 * size}% ${33 + 7 * size}%)`
		: `hsl(${hue} ${65 + 15 * size}% ${90 - 20 * size}%)`;
}
