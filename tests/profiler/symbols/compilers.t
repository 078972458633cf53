#!/usr/bin/env python3
"""Functions, files and lines are found in code of gcc and clang, with each kind of debug information."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../.."))
import tap

top = os.path.normpath(os.path.join(here, "../../.."))
build = os.environ["BUILD"]
folder = tempfile.TemporaryDirectory()
subject = os.path.join(folder.name, "subject")
shutil.copytree(os.path.join(here, "subject"), subject)
includes = [f"-I{top}", f"-I{top}/framework/include", f"-I{top}/profiler/include"]

lines = {}
for file, pattern in ("subject.c", r"/\* at (\w+) \*/"), ("helper.h", r"(in_header)\(void\)"):
    with open(os.path.join(subject, file)) as source:
        for number, line in enumerate(source, 1):
            if found := re.search(pattern, line):
                lines[found.group(1)] = (os.path.join(subject, file), number)


def sanitizers():
    try:
        with open(os.path.join(build, "CMakeCache.txt")) as cache:
            found = re.search(r"^KOMORI_SANITIZE:STRING=(.+)$", cache.read(), re.M)
    except FileNotFoundError:
        found = None
    return [f"-fsanitize={found.group(1)}"] if found else []


def run(*command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, cwd=subject, env={**os.environ, **environment})
    if done.returncode:
        tap.diag(" ".join(command) + "\n" + done.stdout + done.stderr)
    return done.stdout if done.returncode == 0 else None


def program(compiler, output, sources, *flags):
    return run(compiler, "-std=gnu11", "-D_GNU_SOURCE", "-o", output, *sources, *includes, *flags,
               f"{build}/tests/libkomori_internal.a", "-ldw", "-lelf", "-lpthread", "-ldl")


def read(output):
    """{library: [(name, file, line, found name)]}; "" for the program itself."""
    found, library = {"": []}, ""
    for line in (output or "").splitlines():
        fields = line.split("\t")
        if fields[0] == "library":
            library = fields[1]
            found[library] = []
        else:
            found[library].append((fields[0], fields[1], int(fields[2]), fields[3]))
    return found


def check_source(rows, title, base=None):
    """Files are relative to `base` if their compiler mapped paths."""
    wrong = []
    for row in rows:
        file, line = lines[row[0]]
        if row[1:] != (os.path.relpath(file, base) if base else file, line, row[0]):
            wrong.append(row)
    tap.ok(rows and not wrong, title) or tap.diag(f"{wrong or 'nothing found'}")


def check_names(rows, title, unknown=()):
    wrong = []
    for name, file, line, found in rows:
        # gcc numbers nested functions, and clang may number names of a whole program.
        fits = re.fullmatch(rf"{name}(\.\d+)?", found) or (name in unknown and re.match(r"0x[0-9a-f]+ in ", found))
        if (file, line) != ("~", 0) or not fits:
            wrong.append((name, file, line, found))
    tap.ok(rows and not wrong, title) or tap.diag(f"{wrong or 'nothing found'}")


compilers = [c for c in ("gcc", "clang") if shutil.which(c)]
variants = ["-O0 -gdwarf-4", "-O0 -gdwarf-5", "-O2 -gdwarf-4", "-O2 -gdwarf-5", "-O2 -g1", "-O3 -g -flto",
            "-O2 -g -gsplit-dwarf -gdwarf-5", "-O2 -g -gsplit-dwarf -gdwarf-4",
            "-O2 -g -ffunction-sections -Wl,--gc-sections", "-O2 -g -gz"]

tool = os.path.join(folder.name, "tool")
ready = program("gcc", tool, ["main.c"], "-g", "-DFROM_LIBRARY", *sanitizers())
tap.ok(ready is not None, "the program that opens libraries is built")
libraries = {}
for compiler in compilers:
    for number, variant in enumerate(variants):
        if compiler == "clang" and "-flto" in variant:
            continue  # needs lld
        library = os.path.join(folder.name, f"{compiler}{number}.so")
        # clang names a file of split debug information after the object file.
        made = os.path.join(folder.name, f"{compiler}{number}.o")
        if (run(compiler, "-std=gnu11", "-fPIC", "-c", "-o", made, "subject.c", *variant.split()) is None
                or run(compiler, "-shared", "-o", library, made, *variant.split()) is None):
            tap.ok(False, f"{compiler} {variant} builds")
            continue
        libraries[library] = f"{compiler} {variant}"
rows = read(run(tool, *libraries))
for library, title in libraries.items():
    # Level 1 has names, but no lines of declarations with clang and no files with gcc.
    if "-g1" in title:
        found = [(name, found) for name, _, _, found in rows.get(library, [])]
        tap.ok(found and all(re.fullmatch(rf"{a}(\.\d+)?", b) for a, b in found), f"shared object, {title}: names") or tap.diag(found)
    else:
        check_source(rows.get(library, []), f"shared object, {title}")

# Distributions map their build folder away: the unit's directory is "./subject".
for compiler in compilers:
    for version in "4", "5":
        library = os.path.join(folder.name, f"{compiler}-mapped{version}.so")
        run(compiler, "-std=gnu11", "-O2", f"-gdwarf-{version}", "-fPIC", "-shared", "-o", library, "subject.c",
            f"-fdebug-prefix-map={folder.name}=.")
        check_source(read(run(tool, library)).get(library, []), f"{compiler}, DWARF {version} with relative folders",
                     folder.name)

for compiler in compilers:
    plain = os.path.join(folder.name, f"{compiler}-none.so")
    stripped = os.path.join(folder.name, f"{compiler}-stripped.so")
    linked = os.path.join(folder.name, f"{compiler}-linked.so")
    run(compiler, "-std=gnu11", "-O2", "-fPIC", "-shared", "-o", plain, "subject.c")
    run("strip", "-o", stripped, plain)
    run(compiler, "-std=gnu11", "-O2", "-g", "-fPIC", "-shared", "-o", linked, "subject.c", "-Wl,--build-id=none")
    run("objcopy", "--only-keep-debug", linked, linked + ".debug")
    run("strip", linked)
    run("objcopy", f"--add-gnu-debuglink={linked}.debug", linked)
    rows = read(run(tool, plain, stripped, linked))
    check_names(rows.get(plain, []), f"{compiler}, no debug information: the symbol's name, clones too")
    exported = {"subject_addresses", "global_function"}
    check_names(rows.get(stripped, []), f"{compiler}, stripped: exported names and addresses",
                {"local", "in_header", "outer", "scaled", "divided", "around", "nested"})
    tap.same({found for name, _, _, found in rows.get(stripped, []) if name in exported}, exported,
             f"{compiler}, stripped: exported names are known")
    check_source(rows.get(linked, []), f"{compiler}, debug information in a file of its own")

    for flags in "-O2 -g -fPIE -pie", "-O2 -g -fno-pie -no-pie", "-O0 -gdwarf-4 -fPIE -pie":
        if sanitizers() and (compiler == "clang" or "-no-pie" in flags):
            continue  # the library was built with gcc's
        path = os.path.join(folder.name, "program")
        if program(compiler, path, ["main.c", "subject.c"], *flags.split(), *sanitizers()) is None:
            tap.ok(False, f"program, {compiler} {flags} builds")
            continue
        check_source(read(run(path))[""], f"program, {compiler} {flags}")

with socket.create_server(("127.0.0.1", 0)) as server:
    server.setblocking(False)
    environment = {"DEBUGINFOD_URLS": f"http://127.0.0.1:{server.getsockname()[1]}/", "DEBUGINFOD_TIMEOUT": "2",
                   "DEBUGINFOD_CACHE_PATH": os.path.join(folder.name, "cache")}
    found = run(tool, os.path.join(folder.name, "gcc-none.so"), **environment)
    try:
        server.accept()
        asked = True
    except BlockingIOError:
        asked = False
    tap.ok(found and not asked, "no debuginfod server is asked")

# The lines of a program that is rebuilt while it runs are its own, not those of the new file.
path = os.path.join(folder.name, "replaced")
source = os.path.join(subject, "replaced.c")
with open(source, "w") as file:
    file.write('#include <stdio.h>\n#include "profiler/symbols/symbols.h"\n'
               "int main(void)\n{\n\tgetchar();\n\tconst km_symbol *s = km_symbols_find((void *)main);\n"
               '\tprintf("%s:%d(%s)\\n", s->file, s->line, s->name);\n\treturn 0;\n}\n')
program("gcc", path, ["replaced.c"], "-g", *sanitizers())
with subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
    os.unlink(path)
    with open(path, "w") as file:
        file.write("not a program")
    tap.same(running.communicate("\n")[0], f"{source}:3(main)\n", "a program that was replaced while it runs")

tap.done_testing()
