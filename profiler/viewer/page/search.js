/* Finds functions by a text or a regular expression. */

/* Returns a Uint8Array with 1 for each match, or null without a text. Throws SyntaxError for a bad expression. */
export function findFunctions(labels, text, regex) {
	if (!text)
		return null;
	const finds = regex ? finder(new RegExp(text, "iu")) : includes(text.toLowerCase());
	return Uint8Array.from(labels, (label) => finds(label) ? 1 : 0);
}

function finder(expression) {
	return (label) => expression.test(label);
}

function includes(text) {
	return (label) => label.toLowerCase().includes(text);
}
