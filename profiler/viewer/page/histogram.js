/* A histogram of elapsed times on a logarithmic scale. */
import { isDark } from "./colours.js";
import { element } from "./dom.js";
import { counted, duration } from "./text.js";

const BINS = 24, WIDTH = 120, HEIGHT = 18;

function binsOf({ times, min, max }) {
	const bins = new Array(BINS).fill(0);
	const low = Math.log(Math.max(min, 1e-9)), span = Math.log(Math.max(max, 1e-9)) - low;

	for (const time of times)
		bins[span > 0 ? Math.min(BINS - 1, Math.floor(BINS * (Math.log(Math.max(time, 1e-9)) - low) / span)) : BINS >> 1]++;
	return bins;
}

export function drawHistogram(row) {
	const bins = binsOf(row), most = Math.max(...bins);
	const canvas = element("canvas", { class: "histogram", role: "img", "data-bins": bins.join(" "), "data-dark": isDark(),
		"aria-label": `${counted(row.count, "request")} from ${duration(row.min)} to ${duration(row.max)}, half of them below ${duration(row.median)}` });
	const ratio = devicePixelRatio || 1;

	canvas.width = WIDTH * ratio;
	canvas.height = HEIGHT * ratio;
	const context = canvas.getContext("2d");
	context.scale(ratio, ratio);
	context.fillStyle = isDark() ? "#5d7fbf" : "#7f9fe0";
	bins.forEach((count, i) => {
		const height = count ? Math.max(2, HEIGHT * count / most) : 0;
		context.fillRect(i * WIDTH / BINS, HEIGHT - height, WIDTH / BINS - 1, height);
	});
	context.fillStyle = isDark() ? "#2b2f37" : "#e0e3e8";
	context.fillRect(0, HEIGHT - 1, WIDTH, 1);
	return canvas;
}
