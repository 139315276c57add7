"""The chat-completions format, which many servers speak.

chat     the document of a request
reply    a chat completion as a reply
batches  files of requests that are answered within a day
"""
