/* Draws a layout as rings: the zoomed box is the disc, each ring one call deeper. */
import { boxAt, rowsBelow, visitRow } from "./layout.js";

const THINNEST = 22; /* pixels of a ring: to point at and to write on */
const TURN = 2 * Math.PI;

export class SunburstGraph {
	shape(layout, view, size) {
		const radius = Math.min(size.width, size.height) / 2 - 4;
		const most = Math.max(3, Math.floor(radius / THINNEST) - 1);
		const rings = Math.max(1, rowsBelow(layout, view.zoom, Math.min(most, view.most)));
		const disc = radius / (rings + 1.5) * 1.5;

		return { x: size.width / 2, y: size.height / 2, disc, rings, ring: (radius - disc) / rings };
	}

	/* How many levels there are below the outermost ring. */
	hidden(layout, view, size) {
		return Math.max(0, rowsBelow(layout, view.zoom, view.most) - this.shape(layout, view, size).rings);
	}

	draw(context, layout, view, size, paint) {
		const shape = this.shape(layout, view, size);
		const turn = TURN / (view.x1 - view.x0);

		paint.box(view.zoom, 0, 0, 1);
		for (let row = 1; row <= shape.rings; row++) {
			const outer = shape.disc + row * shape.ring;
			const grain = 1 / outer / turn;
			visitRow(layout, view.depth + row, view.x0, view.x1, grain, Math.max(grain, view.least),
				(box, from, to) => paint.box(box, from, row, to),
				(from, to) => paint.merged(from, row, to));
		}
	}

	trace(context, layout, view, size, from, row, to) {
		const shape = this.shape(layout, view, size);

		context.beginPath();
		if (row === 0) {
			context.arc(shape.x, shape.y, shape.disc - 1, 0, TURN);
			return shape;
		}
		const scale = TURN / (view.x1 - view.x0);
		const start = Math.max(0, (from - view.x0) * scale) - TURN / 4;
		const end = Math.min(TURN, (to - view.x0) * scale) - TURN / 4;
		const inner = shape.disc + (row - 1) * shape.ring, outer = inner + shape.ring - 1;
		const gap = Math.min(0.5 / outer, (end - start) / 4);
		context.arc(shape.x, shape.y, outer, start + gap, end - gap);
		context.arc(shape.x, shape.y, inner, end - gap, start + gap, true);
		context.closePath();
		return shape;
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
}
