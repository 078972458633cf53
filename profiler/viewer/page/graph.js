/* The canvas: draws the layout with a strip or a sunburst, finds what is pointed at, moves with the keys. */
import { palette } from "./colours.js";
import { element, setText } from "./dom.js";
import { depthOf } from "./layout.js";
import { below, beside, ROW, StripGraph } from "./strip_graph.js";
import { SunburstGraph } from "./sunburst_graph.js";

const ZOOM_MS = 160;
const LABEL_FROM = 26; /* pixels: narrower boxes have no text */
const SIZE_FROM = 150; /* wider ones tell their size too, which takes so many: */
const SIZE_ROOM = 64;

/* Told by the owner: `model` {layout, functionOf(node), label(function), size(node), colour(node)}, `view` {kind, zoom, root
 * (nodes), most, cut}. Tells: onhover(node or -1, event), onopen(node), onroot(node), onup(), onmove(node). */
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

	/* From where it was to where it is; skipped for those who want no motion. */
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
		const wanted = this.kind === "sunburst" ? height : this.shape.height(this.model.layout, this.view);
		this.size = { width, height, content: Math.max(height, wanted), scroll: 0 };
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
		const { context, size, model } = this;
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
		const rings = this.kind === "sunburst";
		this.shape.draw(context, model.layout, view, size, rings
			? { box: (...place) => this.paintArc(view, ...place), merged: (...place) => this.paintMergedArc(view, ...place) }
			: { box: (...place) => this.paintBox(...place), merged: (...place) => this.paintMerged(...place) });
		if (rings)
			this.paintCentre(view);
		this.tellDeeper(rings ? this.shape.hidden(model.layout, view, size) : 0);
		this.paintMarks();
		this.host.dataset.frame = (performance.now() - started).toFixed(2);
		this.host.dataset.drawn = this.drawn.count;
		this.host.dataset.ready = this.from ? "" : "yes";
		if (this.from)
			this.redraw();
	}

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

	paintBox(box, x, y, width) {
		const { context, model } = this;
		const node = model.layout.nodes[box];

		this.remember(box, x, y, width);
		context.globalAlpha = model.dimmed && model.dimmed(node) ? 0.22 : 1;
		this.shape.paintBox(context, x, y, width, model.colour(node), width > 3);
		if (width >= LABEL_FROM) {
			const sized = width >= SIZE_FROM;
			context.fillStyle = this.colours.text;
			const text = this.fitted(model.label(model.functionOf(node)), width - (sized ? SIZE_ROOM : 0) - 9);
			if (text)
				context.fillText(text, x + 4, y + ROW / 2);
			if (sized) {
				context.textAlign = "right";
				context.fillText(model.size(node), x + width - 6, y + ROW / 2);
				context.textAlign = "start";
			}
		}
		context.globalAlpha = 1;
	}

	paintMerged(x, y, width) {
		this.shape.paintBox(this.context, x, y, width, this.colours.merged, false);
	}

	paintArc(view, box, from, row, to) {
		const { context, model, size } = this;
		const node = model.layout.nodes[box];

		this.remember(box, from, row, to);
		context.globalAlpha = model.dimmed && model.dimmed(node) ? 0.22 : 1;
		const shape = this.shape.trace(context, model.layout, view, size, from, row, to);
		context.fillStyle = model.colour(node);
		context.fill();
		if (row > 0)
			this.paintArcLabel(view, shape, model.label(model.functionOf(node)), from, row, to);
		context.globalAlpha = 1;
	}

	paintArcLabel(view, shape, label, from, row, to) {
		const { context } = this;
		const whole = view.x1 - view.x0;
		const start = Math.max(from, view.x0), end = Math.min(to, view.x1);
		const middle = ((start + end) / 2 - view.x0) / whole * 2 * Math.PI - Math.PI / 2;
		const inner = shape.disc + (row - 1) * shape.ring;
		const chord = (end - start) / whole * 2 * Math.PI * (inner + shape.ring / 2);

		/* Across the radius where the arc is long, along it where the ring is wide. A straight text may not leave its ring. */
		const across = Math.min(chord, Math.sqrt(2 * (inner + shape.ring / 2) * shape.ring));
		const along = across < LABEL_FROM && chord >= 14;
		const room = along ? shape.ring : across;
		const text = room < LABEL_FROM ? "" : this.fitted(label, room - 6);
		if (!text)
			return;
		context.save();
		context.translate(shape.x + Math.cos(middle) * (inner + shape.ring / 2), shape.y + Math.sin(middle) * (inner + shape.ring / 2));
		let angle = along ? middle : middle + Math.PI / 2;
		if (Math.cos(angle) < -1e-9)
			angle += Math.PI;
		context.rotate(angle);
		context.textAlign = "center";
		context.fillStyle = this.colours.text;
		context.fillText(text, 0, 0);
		context.restore();
	}

	paintMergedArc(view, from, row, to) {
		this.shape.trace(this.context, this.model.layout, view, this.size, from, row, to);
		this.context.fillStyle = this.colours.merged;
		this.context.fill();
	}

	paintCentre(view) {
		const { context, model } = this;
		const shape = this.shape.shape(model.layout, view, this.size);
		const label = model.label(model.functionOf(model.layout.nodes[view.zoom]));

		context.textAlign = "center";
		context.fillStyle = this.colours.text;
		context.fillText(this.fitted(label, 2 * shape.disc - 16), shape.x, shape.y);
		context.textAlign = "start";
	}

	tellDeeper(levels) {
		this.deeper.hidden = !levels;
		setText(this.deeper, levels === 1 ? "1 deeper level: zoom in" : `${levels} deeper levels: zoom in`);
	}

	/* The text, cut with an ellipsis where it is wider. */
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

	/* Every box of the marked function, and the cursor's. */
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

		if (this.kind === "sunburst") {
			this.shape.trace(marks, this.model.layout, this.drawnView, this.size, drawn.x[i], drawn.y[i], drawn.width[i]);
			marks.stroke();
		} else
			this.shape.outline(marks, drawn.x[i], drawn.y[i], drawn.width[i]);
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
		if (box < 0 || event.detail > 1) /* the second of a double click is on what the first led to */
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

	/* `stay`: the one who points sees where that is. */
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
		if (this.kind === "sunburst" || !this.size)
			return;
		const top = this.shape.place(this.model.layout, this.view, this.size, box);
		if (top < this.host.scrollTop + ROW)
			this.host.scrollTop = top - ROW;
		else if (top + 2 * ROW > this.host.scrollTop + this.size.height)
			this.host.scrollTop = top + 2 * ROW - this.size.height;
	}

	/* Arrows mean the graph where nothing else has the focus; true when one did. */
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
