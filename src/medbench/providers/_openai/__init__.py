"""The chat-completions format, which many servers speak.

chat   a request as bytes
reply  a chat completion as a reply
"""
