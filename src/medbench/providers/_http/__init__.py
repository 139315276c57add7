"""What providers over HTTP share.

service     a server as messages name it, and its key, which no message may hold
address     where a server is and which key goes to it
connection  the HTTP client
exchange    one request and its JSON, or the error that it is
refusals    what an HTTP status that is no success means
limits      what a model takes, checked before anything is sent
"""
