"""Calls and scoring on the machines of a cluster; what counts stays in the process that was started.

placement    where a command works, as it was asked for
crew         workers that calls are given to; the provider that does so
homes        which worker a call goes to
worker       what runs on a machine: providers, and images by their content
wire         what goes between them
starting     how long workers may take to start, and what is said of those that do not
in_order     jobs that compute: batches out to workers, results back in order
ray_cluster  Ray; nothing else imports it
"""
