/* Draws a layout as rows of boxes: an icicle hangs from its root, a flame stands on it. */
import { boxAt, depthOf, rowsBelow, visitRow } from "./layout.js";

export const ROW = matchMedia("(pointer: coarse)").matches ? 28 : 20; /* a finger needs more of it */

/* `view`: {x0, x1, top (depth of the first row), depth (of the zoomed box), most (rows below it), least}. */
export class StripGraph {
	constructor(upwards) {
		this.upwards = upwards;
	}

	/* How many rows there are to scroll through. */
	rows(layout, view) {
		return view.depth - view.top + 1 + rowsBelow(layout, view.zoom, view.most);
	}

	height(layout, view) {
		return this.rows(layout, view) * ROW + 1;
	}

	rowTop(row, size) {
		return this.upwards ? size.content - (row + 1) * ROW - size.scroll : row * ROW - size.scroll;
	}

	draw(context, layout, view, size, paint) {
		const scale = size.width / (view.x1 - view.x0);
		const count = this.rows(layout, view);

		for (let row = 0; row < count; row++) {
			const y = this.rowTop(row, size);
			if (y > size.height || y + ROW < 0)
				continue;
			visitRow(layout, view.top + row, view.x0, view.x1, 1 / scale, Math.max(1 / scale, view.least),
				(box, from, to) => {
					const left = Math.max(0, (from - view.x0) * scale);
					const right = Math.min(size.width, (to - view.x0) * scale);
					paint.box(box, left, y, right - left);
				},
				(from, to) => {
					const left = Math.max(0, (from - view.x0) * scale);
					paint.merged(left, y, Math.min(size.width, (to - view.x0) * scale) - left);
				});
		}
	}

	paintBox(context, x, y, width, colour, gap) {
		context.fillStyle = colour;
		context.fillRect(x, y, gap ? Math.max(1, width - 1) : width, ROW - 1);
	}

	outline(context, x, y, width) {
		context.strokeRect(x + 1, y + 1, Math.max(1, width - 3), ROW - 3);
	}

	hit(layout, view, size, x, y) {
		const row = this.upwards
			? Math.floor((size.content - size.scroll - y) / ROW)
			: Math.floor((y + size.scroll) / ROW);

		if (row < 0 || row >= this.rows(layout, view))
			return -1;
		return boxAt(layout, view.top + row, view.x0 + x / size.width * (view.x1 - view.x0));
	}

	/* Where a box begins to be seen, to scroll to it. */
	place(layout, view, size, box) {
		const row = depthOf(layout, box) - view.top;

		return this.upwards ? size.content - (row + 1) * ROW : row * ROW;
	}
}

/* The nearest box in the same row; -1 beyond its ends. */
export function beside(layout, box, step) {
	const depth = depthOf(layout, box), next = box + step;

	return next >= layout.rows[depth] && next < layout.rows[depth + 1] ? next : -1;
}

/* The longest child. */
export function below(layout, box) {
	let best = -1, width = -1;

	for (let child = layout.firsts[box]; child < layout.firsts[box + 1]; child++)
		if (layout.ends[child] - layout.starts[child] > width) {
			best = child;
			width = layout.ends[child] - layout.starts[child];
		}
	return best;
}
