"""Parts of providers that speak HTTP.

provider     their base class: connections, limits, one POST
connections  an HTTP connection for each call in flight; one request
proxied      the same by the proxies that the environment names
lending      the same for a library that takes one HTTP client
exchange     one request, and the JSON or the failure that comes back
refusals     the failure that an HTTP status stands for
service      a server as messages name it, and its key, which no message may hold
address      a server's address, and the key that goes to it
download     a file of a server, written to the disk
images       a request as JSON with its images
limits       checks of a request before it is sent
settings     checks of a system's settings
json_values  values from servers, which may be of any type
"""
