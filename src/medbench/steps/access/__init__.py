"""Access to models: systems, clients, costs.

systems       from names to the systems that run
changes       settings that differ from those of the model file
probes        systems that are shown something else than the case
clients       a client for each model; calls to one account share its limits
asking_plan   how much a command asks, at what cost
batches       what is asked in batches: collected first, sent last
forecast      tokens, dollars and minutes of calls to come
judging_cost  what judging will take
ceiling       a ceiling that was asked for holds, or nothing is sent
hosts         where models are asked, and what a benchmark allows
readiness     what a model still needs before it can be asked
stop          Ctrl-C, and the edge to async code
"""
