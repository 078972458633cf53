/* Draws a layout as rings: the zoomed box is the disc, each ring one call deeper. */
import { boxAt, rowsBelow, visitRow } from "./layout.js";

const THINNEST = 22; /* pixels of a ring, to point at and to write on */
const TURN = 2 * Math.PI;
const LABEL_FROM = 26; /* pixels; shorter stretches have no text */

export class SunburstGraph {
	shape(layout, view, size) {
		const radius = Math.min(size.width, size.height) / 2 - 4;
		const most = Math.max(3, Math.floor(radius / THINNEST) - 1);
		const rings = Math.max(1, rowsBelow(layout, view.zoom, Math.min(most, view.most)));
		const disc = radius / (rings + 1.5) * 1.5;

		return { x: size.width / 2, y: size.height / 2, disc, rings, ring: (radius - disc) / rings };
	}

	height() {
		return 0;
	}

	/* The number of levels below the outermost ring. */
	hidden(layout, view, size) {
		return Math.max(0, rowsBelow(layout, view.zoom, view.most) - this.shape(layout, view, size).rings);
	}

	draw(graph, view) {
		const { context, size, model } = graph;
		const shape = this.shape(model.layout, view, size);
		const turn = TURN / (view.x1 - view.x0);

		this.drawArc(graph, view, shape, view.zoom, 0, 0, 1);
		for (let row = 1; row <= shape.rings; row++) {
			const outer = shape.disc + row * shape.ring;
			const grain = 1 / outer / turn;
			visitRow(model.layout, view.depth + row, view.x0, view.x1, grain, Math.max(grain, view.least),
				(box, from, to) => this.drawArc(graph, view, shape, box, from, row, to),
				(from, to) => {
					this.trace(context, view, shape, from, row, to);
					context.fillStyle = graph.colours.merged;
					context.fill();
				});
		}
	}

	drawArc(graph, view, shape, box, from, row, to) {
		graph.remember(box, from, row, to);
		this.trace(graph.context, view, shape, from, row, to);
		graph.paintNode(box, () => graph.context.fill(), (label) => {
			if (row > 0)
				this.drawLabel(graph, view, shape, label, from, row, to);
			else {
				graph.context.globalAlpha = 1;
				writeAt(graph.context, graph.fitted(label, 2 * shape.disc - 16), shape.x, shape.y, 0);
			}
		});
	}

	/* Writes across the radius where the arc is long, along it where the ring is wide. A straight text may not leave its ring. */
	drawLabel(graph, view, shape, label, from, row, to) {
		const whole = view.x1 - view.x0;
		const start = Math.max(from, view.x0), end = Math.min(to, view.x1);
		const middle = ((start + end) / 2 - view.x0) / whole * TURN - TURN / 4;
		const radius = shape.disc + (row - 0.5) * shape.ring;
		const chord = (end - start) / whole * TURN * radius;
		const across = Math.min(chord, Math.sqrt(2 * radius * shape.ring));
		const along = across < LABEL_FROM && chord >= 14;
		const room = along ? shape.ring : across;
		const text = room < LABEL_FROM ? "" : graph.fitted(label, room - 6);
		const angle = along ? middle : middle + TURN / 4;

		if (text)
			writeAt(graph.context, text, shape.x + Math.cos(middle) * radius, shape.y + Math.sin(middle) * radius, Math.cos(angle) < -1e-9 ? angle + TURN / 2 : angle);
	}

	outline(context, layout, view, size, from, row, to) {
		this.trace(context, view, this.shape(layout, view, size), from, row, to);
		context.stroke();
	}

	/* Makes the path of an arc; row 0 is the disc. */
	trace(context, view, shape, from, row, to) {
		context.beginPath();
		if (row === 0) {
			context.arc(shape.x, shape.y, shape.disc - 1, 0, TURN);
			return;
		}
		const scale = TURN / (view.x1 - view.x0);
		const start = Math.max(0, (from - view.x0) * scale) - TURN / 4;
		const end = Math.min(TURN, (to - view.x0) * scale) - TURN / 4;
		const inner = shape.disc + (row - 1) * shape.ring, outer = inner + shape.ring - 1;
		const gap = Math.min(0.5 / outer, (end - start) / 4);
		context.arc(shape.x, shape.y, outer, start + gap, end - gap);
		context.arc(shape.x, shape.y, inner, end - gap, start + gap, true);
		context.closePath();
	}

	hit(layout, view, size, x, y) {
		const shape = this.shape(layout, view, size);
		const across = x - shape.x, down = y - shape.y, radius = Math.hypot(across, down);

		if (radius < shape.disc)
			return view.zoom;
		const row = Math.floor((radius - shape.disc) / shape.ring) + 1;
		if (row > shape.rings)
			return -1;
		const angle = (Math.atan2(down, across) + TURN / 4 + TURN) % TURN;
		return boxAt(layout, view.depth + row, view.x0 + angle / TURN * (view.x1 - view.x0));
	}

	/* The rings do not scroll. */
	place() {
		return null;
	}
}

function writeAt(context, text, x, y, angle) {
	context.save();
	context.translate(x, y);
	context.rotate(angle);
	context.textAlign = "center";
	context.fillText(text, 0, 0);
	context.restore();
}
