"""The chat-completions format, which many servers speak.

settings the settings that are known, and names that are mistyped
chat     the document of a request
reply    a chat completion as a reply
batches  files of requests that are answered within a day
"""
