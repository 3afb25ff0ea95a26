"""The first program of a worker: runs one handler under AWS's own runtime client.

argv: the project's folder, the folder with awslambdaric, the folder with the portable client, the handler.
Only the interpreter's own environment lies before the runtime client on the path, so that the client's
dependencies never stand in for one that the function forgot to declare.

Where the laptop's clock runs faster, MILEPOST_CLOCK says how, and the function is told before it is imported.
"""

import os
import sys

if __name__ == "__main__":
    root, runtime, portable, handler = sys.argv[1:]
    sys.path[0] = root
    sys.path += [portable, runtime] if sys.platform != "linux" else [runtime]
    if course := os.environ.get("MILEPOST_CLOCK"):
        from telemetry.clock import Course, use

        use(Course.parse(course))
    from awslambdaric.__main__ import main

    main(["awslambdaric", handler])
