/* Which functions a text, or a regular expression, finds. */

/* A Uint8Array with 1 for each function found, null for no search; throws SyntaxError for a bad expression. */
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
