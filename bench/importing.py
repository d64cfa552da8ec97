"""A large import, for `close-storm`: COPY, commit, again, until ended."""

from __future__ import annotations

import sys

import psycopg


def main(url: str, rows: int) -> None:
    """Copy so many rows a transaction, without a pause."""
    block = "".join(f"{n}\t某某技术开发合同 {n}\t{n * 100}.00\t2026-01-01 00:00:00+00\n" for n in range(1000)).encode()
    with psycopg.connect(url) as connection:
        while True:
            with connection.cursor().copy("COPY bench_import FROM STDIN") as copy:
                for _ in range(max(1, rows // 1000)):
                    copy.write(block)
            connection.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
