"""Makes gdb print km_str and km_buffer as text. Load it with: (gdb) source framework/base/gdb_printers.py"""

import gdb
import gdb.printing


def text(pointer, length):
    """A string that gdb reads lazily and cuts at its `print elements`; "absent" for NULL."""
    return pointer.lazy_string(length=int(length)) if pointer else "absent"


class StrPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return text(self.value["ptr"], self.value["len"])


class BufferPrinter:
    def __init__(self, value):
        self.value = value

    def children(self):
        yield "text", text(self.value["data"], self.value["len"])
        for name in "len", "capacity", "failed":
            yield name, self.value[name]


printers = gdb.printing.RegexpCollectionPrettyPrinter("komori")
printers.add_printer("km_str", "^km_str$", StrPrinter)
printers.add_printer("km_buffer", "^km_buffer$", BufferPrinter)
gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
