"""What providers that speak HTTP share.

provider     their base class: connections, limits, one POST
connections  an HTTP client for each call in flight
exchange     one request and its JSON, or the error that it is
refusals     what an HTTP status that is no success means
service      a server as messages name it, and its key, which no message may hold
address      where a server is and which key goes to it
images       a request as JSON with its images, made in a thread
limits       checks of a request before it is sent
settings     checks of a system's settings
json_values  values from servers, which may be of any type
"""
