#!/usr/bin/env python3
"""Regular expressions select the labels that Python's re selects, and are refused where it refuses."""
# builds: gcc asan

import os
import re
import sys
import warnings

sys.path[:0] = [os.path.join(os.path.dirname(__file__), *up) for up in (["../.."], [".."])]
import tap
import trees

warnings.simplefilter("ignore")
LABELS = ["f(x)", "a.b", "a\nb", "a\n", "A_1", "é٣x", "aXXb", "[x]", "{2}", "a{2}", "\\d", "foo-bar", "x,y", "*",
          "aab", "abab", "tab\there", "\x0b", "{,3}", "aaa", "b]", "[:alpha:]", "日本", "ſ", "K", "\udcffz", "\U0001f987",
          "#c", "a b", "^$", "\u2028", "\x85", "\r", "a\r\nb", "\x07\x08", "S", "(*)", "Z"]
PATTERNS = r"""
a b . .b ^a b$ a\Z b\Z \Aa a\Zb \bb\b \B. \d \D \w+ \W \s \S [^a] [\w.]+$ [[x] []x] [^]a] [[:alpha:]] [a-c-] [\]] [\b] \a \f
\v [\v] \x41 \u00e9 \U0001f987 [\u0600-\u06ff] \101 [\101] \0 \07 (a)\1 (a)(b)\1\2 (?P<n>a)(?P=n) (?:ab)+ (?=a) (?!a)
(?<=a)b (?<!a)b (?>a+)b a++b a{2} a{2,} a{,1}b a{,}b a{ a{x} {2}$ a{1 (?i)a_ (?i:A)b (?s)a.b (?m)^b (?x)a\ b (?x:a)
(?-i:A) (?i-s:a.B) (?a)\w (?u)\w (?ai)k (?i)k (?i)ſ (?i)s (?i)(?s)A.B (?#hi)a a(?#b)b (a)?(?(1)a|b) (?P<q>a)?(?(q)a|b)
\. \* \, \- \é \{ a|b (|a) () \( \) \[ [.] .*? .+?b a*?$ \x0b [\x00-\x1f] ^\S+$ \W$ .$ (?s).\Z $ ^ ^$ a$ \d+\Z
( ) [ [a *a +a ?a a** a+*  (?P<n (?P<n>a)(?P<n>b) (?P=zz) \1 (a)\2 \x4 \xg1 \u12 \U0011 \e \h \H \R \K \X \C \p{L} \Q \E \G
\z \y \i \N{DOT} [\z] [\A] [\8] [z-a] a{3,2} (?R) (?1) (?&n) (?|a|b) (?P>n) (?'n'a) (?<n>a) (?C) (*FAIL) (*UTF)a a(?i)b
(?L)a (?-i) (?i-:a) (?i-i:a) (?sx-mx:a) (?z) (?<=a*)b (?(2)a|b) (?(zz)a) [\d-z] \400 \777 (?P<1a>x) (?P<>x) (?(1a)x) (?#open \
""".split()
PATTERNS += ["a b", "(?x)a b # comment", "a\tb", " ", "\udcff", "[\udc80-\udcff]", "(?i)É", "日"]

tree = trees.Tree([("~", 0, label) for label in LABELS], [(0, 0, 1, 0)] + [(i, 0, 1, 0) for i in range(1, len(LABELS))])
accepted, differences, extra = 0, [], []
with trees.Tool(tree) as tool:
    for pattern in PATTERNS:
        if re.fullmatch(r"[0-9.]+", pattern) and pattern != ".":
            continue
        given = pattern.replace(",", r"\,")
        try:
            search = re.compile(pattern).search
        except (re.error, ValueError, OverflowError):
            if not tool.check_restrictions(given):
                extra.append(pattern)
            continue
        problem = tool.check_restrictions(given)
        listing = tool.listing("stats", "", given)
        wanted = [label for label in LABELS if search(label)]
        head = f"   List reduced from {len(LABELS)} to {len(wanted)} due to restriction <{pattern!r}>\n"
        rows = listing.partition("filename:lineno(function)\n")[2]
        found = rows == "".join("        1    0.000    0.000    0.000    0.000 %s\n" % label for label in wanted) + "\n\n"
        if problem or not (found if wanted else not rows) or (0 < len(wanted) < len(LABELS) and head not in listing):
            differences.append((pattern, problem, wanted, rows))
        accepted += 1
tap.ok(not differences, f"{accepted} patterns select what re selects")
for pattern, problem, wanted, rows in differences:
    tap.diag(f"{pattern!r}: {problem or 'selects other labels'}\n  wanted {wanted}\n  found  {rows.splitlines()}")
tap.same(extra, [], "what re refuses is refused")
tap.done_testing()
