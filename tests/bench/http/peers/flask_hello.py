"""Flask as a peer, for gunicorn: gunicorn --chdir PEERS flask_hello:app"""
from flask import Flask

app = Flask(__name__)


@app.route("/hello")
def hello():
    return "Hello, World!", {"Content-Type": "text/plain; charset=utf-8"}
