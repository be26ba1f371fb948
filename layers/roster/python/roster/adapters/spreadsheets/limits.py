"""How large a spreadsheet may be; beyond these it is refused rather than read in part."""

MIB = 1024 * 1024

MAX_UNCOMPRESSED_BYTES = 1024 * MIB
MAX_TEXT_BYTES = 1024 * MIB
MAX_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 10 * MIB
MAX_DIRECTORY_BYTES = 4 * MIB
MAX_ROWS = 1_048_576
MAX_COLUMNS = 1_000
MAX_CELL_CHARS = 131_072
MAX_SHARED_CHARS = 300_000_000
MAX_SHARED_STRINGS = 20_000_000
# One tag may not be longer than this: the parser keeps an unfinished one in memory.
MAX_TAG_BYTES = 8 * MIB
READ_BYTES = 64 * 1024
# Of the process that reads .xls, .xlsb and .ods; it shares the 2 GiB of the function that splits.
FOREIGN_MEMORY_BYTES = 1536 * MIB
FOREIGN_CPU_SECONDS = 120
FOREIGN_SECONDS = 240
FOREIGN_OUTPUT_BYTES = 1024 * MIB
MAX_FOREIGN_LINE_BYTES = 16 * MIB
