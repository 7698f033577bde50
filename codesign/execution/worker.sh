#!/bin/sh
# The Python of a worker: the kernel kills it as soon as its parent is gone, during its long imports too.
exec setpriv --pdeathsig KILL "$CODESIGN_WORKER_PYTHON" "$@"
