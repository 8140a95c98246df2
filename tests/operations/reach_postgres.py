"""Exit with 0 when the PostgreSQL server of a URL answers (whether or not its database exists yet)."""

import sys

import dj_database_url
import psycopg


def main(url: str) -> int:
    parts = dj_database_url.parse(url)
    try:
        with psycopg.connect(
            host=parts["HOST"],
            port=parts["PORT"] or 5432,
            user=parts["USER"],
            password=parts["PASSWORD"],
            dbname="postgres",
            connect_timeout=3,
        ):
            return 0
    except psycopg.OperationalError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
