"""Gemini by Google's SDK.

account   where a model is asked, and with which credentials
settings  names and values of settings, and what the API calls them
request_body    what generateContent is asked
sdk       the library google-genai
batch_format    the files of batches: requests, and the responses to them
batches         those of AI Studio, uploaded
vertex_batches  those of Vertex AI, in a bucket
bucket          objects of Google Cloud Storage
reply     what generateContent answers
"""
