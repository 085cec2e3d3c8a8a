"""What a program or a shared library says of itself in its ELF file, as the loader reads it."""

import struct

MAGIC = b"\x7fELF"
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NULL, DT_NEEDED, DT_STRTAB, DT_STRSZ = 0, 1, 5, 10


class ElfError(Exception):
    """Not a file that the loader of a 64-bit little-endian Linux would take."""


class Elf:
    def __init__(self, content):
        if content[:6] != MAGIC + b"\x02\x01":
            raise ElfError("not a 64-bit little-endian ELF file")
        self.content = content
        try:
            offset, = struct.unpack_from("<Q", content, 32)
            size, count = struct.unpack_from("<HH", content, 54)
            self.segments = [struct.unpack_from("<IIQQQQQQ", content, offset + i * size)
                             for i in range(count)]
            self.needed, self.interpreter = self.read_needed(), self.read_interpreter()
        except (struct.error, UnicodeDecodeError, ValueError) as error:
            raise ElfError(f"a damaged ELF file: {error}") from error

    def segment(self, kind):
        for type_, _, offset, _, _, size, _, _ in self.segments:
            if type_ == kind:
                return self.content[offset:offset + size]
        return b""

    def at_address(self, address, size):
        for type_, _, offset, start, _, length, _, _ in self.segments:
            if type_ == PT_LOAD and start <= address < start + length:
                place = offset + address - start
                return self.content[place:place + size]
        raise ElfError("an address outside of the file")

    def read_needed(self):
        """The names of the libraries that the loader loads first, in their order."""
        dynamic = self.segment(PT_DYNAMIC)
        entries = []
        for entry in struct.iter_unpack("<qQ", dynamic[:len(dynamic) // 16 * 16]):
            if entry[0] == DT_NULL:
                break
            entries.append(entry)
        table = dict(entries)
        if DT_STRTAB not in table or DT_STRSZ not in table:
            return []
        names = self.at_address(table[DT_STRTAB], table[DT_STRSZ])
        return [names[value:names.index(b"\0", value)].decode("ascii")
                for tag, value in entries if tag == DT_NEEDED]

    def read_interpreter(self):
        """The path of the loader; empty for a library."""
        return self.segment(PT_INTERP).rstrip(b"\0").decode("ascii")


def is_elf(content):
    return content[:4] == MAGIC
