"""Compares places, and says what a general word or a word of several senses is at one."""
