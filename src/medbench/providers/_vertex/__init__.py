"""Endpoints of Vertex AI.

endpoint     which one, and at which host it answers
credentials  tokens of Google's Application Default Credentials
predictions  replies by the route `:predict`
"""
