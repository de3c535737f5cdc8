"""Runs the SQL on standard input with DuckDB and prints, as one JSON object, the columns, the rows, the processor
seconds that it took and the highest resident memory of the process in KiB."""

import json
import resource
import sys

import duckdb


def processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    connection = duckdb.connect()
    sql = sys.stdin.read()
    started = processor_seconds()
    result = connection.execute(sql)
    columns = [column[0] for column in result.description]
    rows = result.fetchall()
    print(
        json.dumps(
            {
                "columns": columns,
                "rows": rows,
                "cpu_seconds": processor_seconds() - started,
                "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            }
        )
    )


if __name__ == "__main__":
    main()
