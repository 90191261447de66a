#!/bin/sh
# Becomes the process that this image is for; `operator` runs one command of `libranet`.
set -eu
case "$SERVICE" in
operator) exec python -c 'from libranet.cli import main; main(prog_name="libranet")' "$@" ;;
gateway)
    folder=$(python -c 'import gateway; print(gateway.__path__[0])')
    exec python -m gunicorn --config "$folder/gunicorn.conf.py" gateway.app:application
    ;;
*) exec python -m libranet.runner "$SERVICE" ;;
esac
