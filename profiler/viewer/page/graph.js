/* The canvas. A shape, strip or sunburst, draws the layout; the graph handles the mouse, the keys and zooming. */
import { palette } from "./colours.js";
import { element, setText } from "./dom.js";
import { depthOf } from "./layout.js";
import { below, beside, ROW, StripGraph } from "./strip_graph.js";
import { SunburstGraph } from "./sunburst_graph.js";

const ZOOM_MS = 160;

/* show() takes a model {layout, functionOf(node), label(function), size(node), colour(node), dimmed(node) or null} and a view {kind, zoom, root
 * (nodes), most, cut}. Listeners: onhover(node or -1, event), onopen(node), onroot(node), onup(), onmove(node). */
export class Graph {
	constructor(listeners) {
		this.listeners = listeners;
		this.canvas = element("canvas", { tabindex: "0", role: "application", "aria-roledescription": "call graph",
			"aria-label": "Call graph. Arrow keys move, Enter zooms, Backspace goes up.", "aria-describedby": "details" });
		this.overlay = element("canvas", { class: "overlay", "aria-hidden": "true" });
		this.deeper = element("div", { class: "deeper", hidden: true });
		this.pane = element("div", { class: "graph-pane" }, this.canvas, this.overlay, this.deeper);
		this.spacer = element("div", { class: "graph-spacer" }, this.pane);
		this.host = element("div", { class: "graph", tabindex: "-1", "data-row": ROW }, this.spacer);
		this.context = this.canvas.getContext("2d", { alpha: false });
		this.marks = this.overlay.getContext("2d");
		this.drawn = { count: 0, boxes: new Uint32Array(4096), x: new Float64Array(4096), y: new Float64Array(4096), width: new Float64Array(4096) };
		this.marked = -1;
		this.cursor = -1;
		this.widths = new Map();
		this.frame = 0;
		new ResizeObserver(() => this.resize()).observe(this.host);
		this.host.addEventListener("scroll", () => this.redraw(), { passive: true });
		this.overlay.addEventListener("mousemove", (event) => this.point(event));
		this.overlay.addEventListener("mouseleave", () => this.hover(-1));
		this.overlay.addEventListener("click", (event) => this.click(event));
		this.canvas.addEventListener("keydown", (event) => this.key(event));
		this.canvas.addEventListener("focus", () => this.setCursor(this.cursor < 0 ? this.zoomed() : this.cursor, this.clicked));
		this.canvas.addEventListener("blur", () => this.paintMarks());
	}

	zoomed() {
		return this.view ? this.view.zoom : -1;
	}

	show(model, { kind, zoom, root, most, cut }) {
		const { layout } = model;
		const box = layout.boxes[zoom], top = layout.boxes[root];
		const fresh = !this.model || this.model.layout !== layout || this.kind !== kind;

		this.model = model;
		this.kind = kind;
		this.shape = kind === "sunburst" ? new SunburstGraph() : new StripGraph(kind === "flame");
		const least = cut * (layout.ends[top] - layout.starts[top]);
		const before = this.view;
		this.view = { zoom: box, root: top, depth: depthOf(layout, box), top: depthOf(layout, top), most: most || Infinity, least,
			x0: layout.starts[box], x1: Math.max(layout.ends[box], layout.starts[box] + 1e-12) };
		const moved = before && before.zoom !== box;
		const elsewhere = fresh || moved || before.root !== top;
		if (elsewhere)
			this.cursor = box;
		this.resize();
		if (elsewhere && kind === "flame")
			this.host.scrollTop = this.host.scrollHeight;
		else if (elsewhere)
			this.keepSeen(box);
		if (!fresh && moved && before.x1 > before.x0)
			this.glide(before);
		else
			this.redraw();
	}

	/* Moves from the last view to this one, unless the user prefers reduced motion. */
	glide(before) {
		if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
			this.redraw();
			return;
		}
		this.from = { x0: before.x0, x1: before.x1, since: performance.now() };
		this.canvas.setAttribute("aria-busy", "true");
		this.redraw();
	}

	seenView() {
		if (!this.from)
			return this.view;
		const part = Math.min(1, (performance.now() - this.from.since) / ZOOM_MS);
		if (part === 1) {
			this.from = null;
			this.canvas.removeAttribute("aria-busy");
			return this.view;
		}
		const eased = 1 - (1 - part) ** 3;
		return { ...this.view, x0: this.from.x0 + (this.view.x0 - this.from.x0) * eased,
			x1: this.from.x1 + (this.view.x1 - this.from.x1) * eased };
	}

	resize() {
		const width = this.host.clientWidth, height = this.host.clientHeight;

		if (!this.model || !width)
			return;
		const ratio = devicePixelRatio || 1;
		this.size = { width, height, content: Math.max(height, this.shape.height(this.model.layout, this.view)), scroll: 0 };
		this.spacer.style.height = `${this.size.content}px`;
		this.pane.style.height = `${height}px`;
		for (const canvas of [this.canvas, this.overlay]) {
			if (canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio))
				continue;
			canvas.width = Math.round(width * ratio);
			canvas.height = Math.round(height * ratio);
			canvas.style.width = `${width}px`;
			canvas.style.height = `${height}px`;
		}
		this.redraw();
	}

	redraw() {
		if (!this.frame)
			this.frame = requestAnimationFrame(() => this.paint());
	}

	paint() {
		this.frame = 0;
		if (!this.model || !this.size)
			return;
		const started = performance.now();
		const { context, size } = this;
		const view = this.seenView();
		const ratio = devicePixelRatio || 1;

		this.colours = palette();
		this.drawnView = view;
		size.scroll = this.host.scrollTop;
		context.setTransform(ratio, 0, 0, ratio, 0, 0);
		context.fillStyle = this.colours.paper;
		context.fillRect(0, 0, size.width, size.height);
		context.font = getComputedStyle(this.canvas).font;
		context.textBaseline = "middle";
		this.drawn.count = 0;
		this.shape.draw(this, view);
		this.showHidden(this.shape.hidden(this.model.layout, view, size));
		this.paintMarks();
		this.host.dataset.frame = (performance.now() - started).toFixed(2);
		this.host.dataset.drawn = this.drawn.count;
		this.host.dataset.ready = this.from ? "" : "yes";
		if (this.from)
			this.redraw();
	}

	/* For shapes: each box that they draw, with what outline() needs. */
	remember(box, x, y, width) {
		const { drawn } = this;

		if (drawn.count === drawn.boxes.length)
			for (const key of ["boxes", "x", "y", "width"]) {
				const more = new drawn[key].constructor(2 * drawn.count);
				more.set(drawn[key]);
				drawn[key] = more;
			}
		drawn.boxes[drawn.count] = box;
		drawn.x[drawn.count] = x;
		drawn.y[drawn.count] = y;
		drawn.width[drawn.count++] = width;
	}

	/* For shapes: fills a box's path or rectangle with its colour, faint when the search does not match it. */
	paintNode(box, fill, text) {
		const { context, model } = this;
		const node = model.layout.nodes[box];

		context.globalAlpha = model.dimmed && model.dimmed(node) ? 0.22 : 1;
		context.fillStyle = model.colour(node);
		fill();
		context.fillStyle = this.colours.text;
		text(model.label(model.functionOf(node)), node);
		context.globalAlpha = 1;
	}

	showHidden(levels) {
		this.deeper.hidden = !levels;
		setText(this.deeper, levels === 1 ? "1 deeper level: zoom in" : `${levels} deeper levels: zoom in`);
	}

	/* Cuts a text that is too wide, with an ellipsis. */
	fitted(text, width) {
		let whole = this.widths.get(text);

		if (whole === undefined) {
			whole = this.context.measureText(text).width;
			this.widths.set(text, whole);
		}
		if (whole <= width)
			return text;
		const kept = Math.floor(text.length * width / whole) - 1;
		return kept < 2 ? "" : text.slice(0, kept) + "…";
	}

	/* Outlines the boxes of the marked function, and the cursor's. */
	paintMarks() {
		const { marks, size, drawn, model } = this;
		const ratio = devicePixelRatio || 1;

		if (!model || !size || !this.drawnView)
			return;
		marks.setTransform(ratio, 0, 0, ratio, 0, 0);
		marks.clearRect(0, 0, size.width, size.height);
		marks.lineWidth = 2;
		marks.strokeStyle = this.colours.mark;
		let seen = 0;
		for (let i = 0; i < drawn.count && this.marked >= 0; i++)
			if (model.functionOf(model.layout.nodes[drawn.boxes[i]]) === this.marked) {
				this.outline(i);
				seen++;
			}
		this.host.dataset.marked = seen;
		if (document.activeElement !== this.canvas)
			return;
		marks.strokeStyle = this.colours.cursor;
		for (let i = 0; i < drawn.count; i++)
			if (drawn.boxes[i] === this.cursor)
				this.outline(i);
	}

	outline(i) {
		const { drawn, marks } = this;

		this.shape.outline(marks, this.model.layout, this.drawnView, this.size, drawn.x[i], drawn.y[i], drawn.width[i]);
	}

	mark(marked) {
		if (this.marked === marked)
			return;
		this.marked = marked;
		this.paintMarks();
	}

	boxUnder(event) {
		const place = this.overlay.getBoundingClientRect();

		if (!this.model || !this.size)
			return -1;
		return this.shape.hit(this.model.layout, this.view, this.size, event.clientX - place.left, event.clientY - place.top);
	}

	point(event) {
		const box = this.boxUnder(event);

		this.overlay.style.cursor = box < 0 ? "default" : "pointer";
		this.hover(box, event);
	}

	hover(box, event) {
		this.listeners.onhover(box < 0 ? -1 : this.model.layout.nodes[box], event);
	}

	click(event) {
		const box = this.boxUnder(event);

		this.clicked = true;
		this.canvas.focus({ preventScroll: true });
		this.clicked = false;
		if (box < 0 || event.detail > 1) /* the second click of a double click would hit the zoomed graph */
			return;
		this.cursor = box;
		const node = this.model.layout.nodes[box];
		if (event.shiftKey)
			this.listeners.onroot(node);
		else if (box === this.view.zoom)
			this.listeners.onup();
		else
			this.listeners.onopen(node);
	}

	/* `stay`: do not scroll, the pointer is there already. */
	setCursor(box, stay) {
		if (box < 0)
			return;
		this.cursor = box;
		if (!stay)
			this.keepSeen(box);
		this.paintMarks();
		this.listeners.onmove(this.model.layout.nodes[box]);
	}

	keepSeen(box) {
		if (!this.size)
			return;
		const top = this.shape.place(this.model.layout, this.view, this.size, box);
		if (top === null)
			return;
		if (top < this.host.scrollTop + ROW)
			this.host.scrollTop = top - ROW;
		else if (top + 2 * ROW > this.host.scrollTop + this.size.height)
			this.host.scrollTop = top + 2 * ROW - this.size.height;
	}

	/* An arrow key goes to the graph when nothing else has the focus. Returns whether it did. */
	keyFromPage(event) {
		if (!event.key.startsWith("Arrow") || document.activeElement !== document.body || !this.model)
			return false;
		this.canvas.focus({ preventScroll: true });
		this.key(event);
		return true;
	}

	key(event) {
		if (!this.model || event.ctrlKey || event.metaKey || event.altKey)
			return;
		const { layout } = this.model, box = this.cursor < 0 ? this.view.zoom : this.cursor;
		const inwards = this.kind === "flame" ? "ArrowUp" : "ArrowDown";
		const outwards = this.kind === "flame" ? "ArrowDown" : "ArrowUp";

		switch (event.key) {
		case inwards: this.setCursor(below(layout, box)); break;
		case outwards: this.setCursor(layout.parents[box]); break;
		case "ArrowLeft": this.setCursor(beside(layout, box, -1)); break;
		case "ArrowRight": this.setCursor(beside(layout, box, 1)); break;
		case "Home": this.setCursor(this.view.zoom); break;
		case "Enter": this.listeners.onopen(layout.nodes[box]); break;
		case "Backspace": this.listeners.onup(); break;
		case "r": this.listeners.onroot(layout.nodes[box]); break;
		default: return;
		}
		event.preventDefault();
		event.stopPropagation();
	}
}
