"""Gemini by Google's SDK.

account   where a model is asked, and with which credentials
settings  names and values of settings, and what the API calls them
sdk       the library google-genai
batches   files of requests that are answered within a day
reply     what generateContent answers
"""
