"""How providers exchange JSON over HTTP.

service   what messages call a server, and what they must never hold
address   where a server is and which key goes to it
limits    what a model takes, checked before anything is sent
exchange  one request and its JSON, or the error that it is
refusals  what an HTTP status that is no success means
"""
