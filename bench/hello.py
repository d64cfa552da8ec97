"""A bare Flask application: the most that this server and framework give on this machine."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """A word."""
    return "hello"
