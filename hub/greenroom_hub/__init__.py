"""Greenroom: the service, its pages, spawner, sign-in and command line."""
