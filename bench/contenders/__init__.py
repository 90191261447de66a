"""The processes that are measured: ours and its peers, each run alone by `python -m bench.contenders.<name>`.

What a contender is told and tells back is in `bench/meter.py`.
"""
